"""Everyday questions are answered exactly, with few calls and few tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal, InvalidOperation
from urllib.parse import urljoin

import pytest
from asking import TOKEN, Ledger, sandbox
from harness import connect, house, text_of
from mcp import Client
from pydantic import SecretStr
from question import Call, Question
from questions import QUESTIONS
from said import Said, read_structured, read_text

from server.answers.answer import Output
from server.answers.budget import tokens
from server.embedded import BILLDIARY_PATH
from server.upstream.connection import Connection
from tools.operation import System

pytestmark = pytest.mark.anyio

MOST_CALLS = 2
MOST_TOKENS = 1_500
MANY = 1_000


@pytest.fixture(scope="module")
def books_url() -> Iterator[str]:
    with sandbox() as url:
        yield url


@pytest.fixture(scope="module")
def books() -> Iterator[Ledger]:
    opened = Ledger()
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=[Output.TEXT, Output.STRUCTURED])
async def client(books_url: str, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Client, Output]]:
    billdiary = Connection.to_url(urljoin(books_url, BILLDIARY_PATH), SecretStr(TOKEN), "sandbox", System.BILLDIARY)
    made = house(books_url, token=TOKEN, billdiary=billdiary, output=request.param)
    async with made as here, connect(here.server, "auto") as opened:
        yield opened, request.param


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.words)
async def test_a_question_is_answered(question: Question, client: tuple[Client, Output], books: Ledger) -> None:
    asked, output = client
    spent = 0
    assert len(question.calls) <= MOST_CALLS
    for call in question.calls:
        arguments = call.arguments(books) if callable(call.arguments) else call.arguments
        result = await asked.call_tool(call.tool, dict(arguments))
        assert not result.is_error, text_of(result)
        spent += tokens(text_of(result))
        said = read_text(text_of(result)) if output is Output.TEXT else read_structured(result.structured_content or {})
        check(call, said, books)
    assert spent <= MOST_TOKENS, spent


def check(call: Call, said: Said, books: Ledger) -> None:
    """The answer says what the books say."""
    expected = call.says(books)
    assert expected.facts or expected.rows, "the question expects nothing"
    for name, value in expected.facts.items():
        assert exact(said.facts.get(name)) == exact(value), name
    for name, rows in expected.rows.items():
        assert rows, f"the books have no rows for {name}"
        wanted = [{column: exact(cell) for column, cell in row.items()} for row in rows]
        given = [{column: exact(row.get(column)) for column in rows[0]} for row in said.tables.get(name, [])]
        if expected.some:
            assert [row for row in wanted if row not in given] == []
        else:
            assert given[: len(wanted)] == wanted
            assert expected.first or len(given) == len(wanted)


def exact(cell: str | None) -> Decimal | str | None:
    """A number whatever its zeros: `12.00` and `12` are the same answer."""
    try:
        return Decimal(cell or "")
    except InvalidOperation:
        return cell


def test_several_questions_are_over_many_records(books: Ledger) -> None:
    assert len(QUESTIONS) >= 20
    assert sum(books.value(question.over) > MANY for question in QUESTIONS) >= 5
