"""The drift command: read, compare, report, and keep or drop the overlay."""

from __future__ import annotations

from pathlib import Path

import click

from server.assembly import now
from server.drift import store
from server.drift.adopt import overlay_of, untaken
from server.drift.compare import compare
from server.drift.facts import of_catalogue, of_document
from server.drift.report import print_report
from server.drift.source import SpecError, read
from tools import catalogue
from tools.overlay import OverlayError

SAME, DIFFERENT = 0, 1


def drift(location: str, path: Path, *, adopt: bool, as_json: bool) -> int:
    """Compare what is served with the file at `location`; with `adopt`, store what it adds at `path`.

    Returns whether anything differs, as an exit code. Raises SpecError, with nothing stored.
    """
    spec = read(location)
    vendor = of_document(spec.document)
    stored = store.read(path)
    declared = catalogue.load()
    found = compare(of_catalogue(catalogue.load(stored)), vendor)
    left: list[str] = []
    if adopt:
        # An overlay says all that the declarations lack: it takes the place of the last one.
        bare = compare(of_catalogue(declared), vendor) if stored is not None else found
        try:
            overlay = overlay_of(spec, bare, declared, now().date().isoformat())
        except OverlayError as error:
            raise SpecError(f"the file cannot be adopted: {error}") from None
        left = [str(each) for each in untaken(bare)]
        store.write(path, overlay)
    print_report(spec, found, path if adopt else None, left, as_json=as_json)
    return DIFFERENT if found.differences else SAME


def forget(path: Path) -> int:
    """Drop the overlay at `path`, whatever it holds."""
    dropped = store.forget(path)
    click.echo(f"Dropped {path}." if dropped else f"Nothing was adopted ({path}).")
    return SAME
