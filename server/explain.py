"""What the policy says about a write, and why, without sending anything."""

from __future__ import annotations

from collections.abc import Iterator

import click

from schemas.common import Arguments
from server.assembly import connections_of, now, policy_of, served
from server.guard.foresight import foresee
from server.guard.journal import Journal
from server.guard.plan import Flow, Sum
from server.guard.planner import Planner, payee_of
from server.guard.policy import Decision, Policy
from server.settings import Settings, SettingsError
from tools.arguments import check
from tools.operation import Effect, Operation, System
from tools.request import compose

ALLOWED, REFUSED = 0, 1


def explain(settings: Settings, tool: str, given: dict[str, object]) -> int:
    """Print which rule decides about a call, and each limit that it meets; the exit code.

    Raises UnknownToolError and InvalidArgumentsError.
    """
    catalogue = served(settings)
    operation = catalogue.operation(tool)
    if operation.effect is Effect.READ:
        click.echo(f"{tool} only reads: no policy applies.")
        return ALLOWED
    policy = policy_of(settings)
    arguments = check(operation.arguments, given)
    money = foresee(operation, arguments, compose(operation, arguments).body, None, None).money
    ruling = Planner(policy, catalogue.operations).ruling(operation, settings.writes)
    click.echo(f"{tool}: {ruling.decision.value}, because of {ruling.rule}")
    click.echo(f"money: {money or 'none, or only the record says how much'}")
    against = list(_against(policy, operation, arguments, money, settings))
    for said in against:
        click.echo(f"refused: {said}")
    if policy.needs_second(operation, money):
        click.echo("four_eyes: a second person must confirm")
    if not against and ruling.decision is not Decision.DENY:
        click.echo("no limit stands against it now")
        return ALLOWED
    return REFUSED


def _against(
    policy: Policy, operation: Operation, arguments: Arguments, money: Sum | None, settings: Settings
) -> Iterator[str]:
    company = _company(settings, operation.toolset.system)
    if said := policy.refusal(operation, company, money, now()):
        yield said
    if said := policy.beyond(operation, money, _flow(settings, company, payee_of(arguments, None))):
        yield said


def _company(settings: Settings, system: System) -> str:
    """What the journal calls the company, also where no key is set up."""
    if settings.sandbox:
        return "sandbox"
    try:
        return connections_of(settings)[system].label
    except (SettingsError, KeyError):
        return settings.company or "" if system is System.LUMINOUS else system.value


def _flow(settings: Settings, company: str, payee: str | None) -> Flow:
    path = settings.journal_file
    if path is None or not path.exists():
        return Flow({}, {}, 0)
    journal = Journal(path, now)
    try:
        return journal.flow(company, payee)
    finally:
        journal.close()
