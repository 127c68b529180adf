"""One request and its answer, over real HTTP: what is sent, what comes back, what is tried again, and what is told."""

import asyncio
import gzip
import json
import traceback
from collections.abc import Callable
from decimal import Decimal

import anyio
import pytest
from pydantic import SecretStr
from scripted import KEY, Answer, Api, Talk, answer, cut, drip, flood, reset, silence

from server.upstream import client
from server.upstream.client import MAX_BODY, Upstream, proxy_of
from server.upstream.connection import Connection
from server.upstream.errors import (
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    UnavailableError,
    UpstreamError,
)
from server.upstream.replies import Reply, decode, encode
from tools.request import Request

pytestmark = pytest.mark.anyio
WRITES = ("POST", "PUT", "PATCH", "DELETE")
BOTH = ("GET", "PUT")
OK = answer(200, '{"data":{"id":7}}')
INSIDES = {"exception": "QueryException", "trace": ["/var/www/app/Bill.php:42"], "sql": "select * from bills"}


async def failing(talk: Talk, method: str = "GET", *, read: bool | None = None) -> UpstreamError:
    """The error of a call, after a look that nothing of the API's insides and of the key is in it."""
    with pytest.raises(UpstreamError) as caught:
        await talk.send(method, read=read)
    error = caught.value
    told = "".join(traceback.format_exception(error)) + error.advice + str(vars(error))
    assert KEY not in told
    for inside in ("QueryException", "/var/www", "select *", "<html", "127.0.0.1"):
        assert inside not in told.replace(talk.api.url, "")
    return error


class TestSending:
    async def test_a_request_arrives_as_it_was_composed(self, talk: Talk) -> None:
        talk.api.answers = [OK]
        query = (("page", "1"), ("total[gt]", "0.10"), ("tag", "a&b=c d+é%2F"), ("tag", ""))
        body = {"amount": Decimal("0.10"), "notes": "é\u2028"}
        for read in (True, False):
            await talk.upstream.send(Request("POST", "/a%2Fb%20c%3F%23./x", query, body), read=read)
        for seen in talk.api.seen:
            assert seen.method == "POST"
            assert seen.target == (
                "/api/v1/a%2Fb%20c%3F%23./x?page=1&total%5Bgt%5D=0.10&tag=a%26b%3Dc+d%2B%C3%A9%252F&tag="
            )
            assert seen.body == b'{"amount":0.10,"notes":"\xc3\xa9\xe2\x80\xa8"}'
            assert seen.headers["authorization"] == f"Bearer {KEY}"
            assert seen.headers["accept"] == "application/json"
            assert seen.headers["content-type"] == "application/json"

    @pytest.mark.parametrize(("method", "read"), [("GET", True), ("DELETE", False), ("POST", False), ("POST", True)])
    async def test_without_a_body_none_is_sent(self, talk: Talk, method: str, read: bool) -> None:
        talk.api.answers = [OK]
        await talk.upstream.send(Request(method, "/bills/7"), read=read)
        assert talk.api.seen[0].body == b""
        assert talk.api.seen[0].headers.get("content-length", "0") == "0"

    async def test_reads_keep_their_connection_and_writes_do_not(self, talk: Talk) -> None:
        talk.api.answers = [answer(200, "{}", connection="keep-alive")]
        for _ in range(3):
            await talk.send("GET")
        assert talk.api.connections == 1
        for _ in range(3):
            await talk.send("POST")
        assert talk.api.connections == 4

    async def test_no_cookie_comes_back(self, talk: Talk) -> None:
        talk.api.answers = [answer(200, "{}", set_cookie="session=1; Path=/")]
        # By name: cookies of bare addresses are dropped by most clients anyway.
        url = talk.api.url.replace("127.0.0.1", "localhost")
        upstream = Upstream(Connection.to_url(url, SecretStr(KEY)))
        for read in (True, True, False, False):
            await upstream.send(Request("GET", "/bills"), read=read)
        await upstream.aclose()
        assert len(talk.api.seen) == 4
        assert all("cookie" not in seen.headers for seen in talk.api.seen)

    async def test_a_client_can_be_closed_twice_and_used_again(self, talk: Talk) -> None:
        talk.api.answers = [OK]
        await talk.upstream.aclose()
        await talk.send()
        await talk.upstream.aclose()
        await talk.upstream.aclose()
        assert (await talk.send()).status == 200


class TestAnswers:
    @pytest.mark.parametrize("method", BOTH)
    async def test_numbers_are_exact(self, talk: Talk, method: str) -> None:
        text = '{"a":0.1,"b":100,"c":1e3,"d":0.30000000000000004,"e":12345678901234567890.12,"f":-0.10,"g":1.00}'
        talk.api.answers = [answer(200, text)]
        data = (await talk.send(method)).data
        assert [str(value) for value in data.values()] == (
            ["0.1", "100", "1E+3", "0.30000000000000004", "12345678901234567890.12", "-0.10", "1.00"]
        )
        assert [type(value) for value in data.values()] == [Decimal, int, *[Decimal] * 5]

    @pytest.mark.parametrize("number", [2**63, 2**64, 10**40, -(10**40)])
    def test_whole_numbers_of_any_size_are_exact(self, number: int) -> None:
        assert decode(str(number).encode()) == number
        assert decode(encode({"n": number}))["n"] == number

    @pytest.mark.parametrize("status", [200, 201, 204])
    @pytest.mark.parametrize("method", BOTH)
    async def test_an_empty_body_is_an_answer(self, talk: Talk, method: str, status: int) -> None:
        talk.api.answers = [answer(status, b" \n" if status == 200 else b"", None)]
        assert await talk.send(method) == Reply(status)

    @pytest.mark.parametrize(
        "kind", ["application/json; charset=utf-8", "Application/JSON", "application/hal+json", None]
    )
    async def test_json_is_told_by_its_type_or_by_none(self, talk: Talk, kind: str | None) -> None:
        talk.api.answers = [answer(200, '{"id":7}', kind)]
        assert (await talk.send()).data == {"id": 7}

    @pytest.mark.parametrize("kind", ["application/pdf", "text/csv; charset=utf-8", "text/plain"])
    async def test_another_type_is_a_file(self, talk: Talk, kind: str) -> None:
        talk.api.answers = [answer(200, b'{"id":7}\x00\xff', kind)]
        assert await talk.send() == Reply(200, None, b'{"id":7}\x00\xff', kind.split(";")[0])

    async def test_a_compressed_answer_is_read(self, talk: Talk) -> None:
        talk.api.answers = [answer(200, gzip.compress(b'{"id":7}'), content_encoding="gzip")]
        assert (await talk.send("GET")).data == (await talk.send("PUT")).data == {"id": 7}

    async def test_an_answer_of_just_the_limit_is_read(self, talk: Talk) -> None:
        talk.api.answers = [answer(200, b'"' + b"x" * (MAX_BODY - 2) + b'"')]
        assert len((await talk.send()).data) == MAX_BODY - 2


UNUSABLE: dict[str, Answer] = {
    "truncated JSON": answer(200, '{"data": [{"id": 7}, {"id'),
    "no UTF-8": answer(200, b'{"notes": "\xff\xfe"}'),
    "two values": answer(200, "{}{}"),
    "NaN": answer(200, '{"total": NaN}'),
    "a web page": answer(200, "<html><h1>Sign in</h1>", "text/html; charset=utf-8"),
    "a web page called JSON": answer(200, "<html><h1>Sign in</h1>"),
    "deep nesting": answer(200, "[" * 100_000 + "]" * 100_000),
    "broken compression": answer(200, b"no gzip at all", content_encoding="gzip"),
    "too large, declared": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{" % (MAX_BODY + 1),
    "too large, undeclared": flood,
    "too large, unpacked": answer(200, gzip.compress(b"1" * (MAX_BODY + 1)), content_encoding="gzip"),
}


class TestUnusableAnswers:
    @pytest.mark.parametrize("name", UNUSABLE)
    async def test_a_read_is_refused_and_not_tried_again(self, talk: Talk, name: str) -> None:
        talk.api.answers = [UNUSABLE[name]]
        error = await failing(talk)
        assert type(error) is UnavailableError
        assert len(talk.api.seen) == 1
        if name.startswith("too large"):
            assert "10 MiB" in str(error)
            assert "per_page" in error.advice

    @pytest.mark.parametrize("name", UNUSABLE)
    async def test_the_outcome_of_a_write_is_unknown_and_it_is_not_sent_again(self, talk: Talk, name: str) -> None:
        talk.api.answers = [UNUSABLE[name]]
        error = await failing(talk, "POST")
        assert type(error) is OutcomeUnknownError
        assert "Do not repeat it" in error.advice
        assert len(talk.api.seen) == 1

    @pytest.mark.parametrize("how", [drip, silence])
    @pytest.mark.parametrize(("method", "kind"), [("GET", UnavailableError), ("POST", OutcomeUnknownError)])
    async def test_a_call_has_a_time_limit_however_its_bytes_come(
        self, talk: Talk, monkeypatch: pytest.MonkeyPatch, how: Answer, method: str, kind: type[UpstreamError]
    ) -> None:
        monkeypatch.setattr(client, "CALL_SECONDS", 0.05)
        talk.api.answers = [how]
        with anyio.fail_after(5):
            assert type(await failing(talk, method)) is kind
            await talk.api.left.wait()


MESSAGE = json.dumps({"message": "The bill is locked.", "errors": {"status": ["Not now."]}, **INSIDES})


class TestRefusals:
    @pytest.mark.parametrize("method", ["GET", *WRITES])
    @pytest.mark.parametrize(
        ("status", "kind", "advice"),
        [
            (400, InvalidError, "Correct these fields"),
            (401, AuthenticationError, "check the API key"),
            (403, ForbiddenError, "Do not retry"),
            (404, NotFoundError, "list or search"),
            (409, ConflictError, "Read the record again"),
            (418, UnavailableError, "Nothing was changed"),
            (422, InvalidError, "Correct these fields"),
        ],
    )
    async def test_a_refusal_is_final_and_says_what_to_do(
        self, talk: Talk, method: str, status: int, kind: type[UpstreamError], advice: str
    ) -> None:
        talk.api.answers = [answer(status, MESSAGE)]
        error = await failing(talk, method)
        assert type(error) is kind
        assert str(status) in str(error)
        assert advice in error.advice
        assert len(talk.api.seen) == 1
        assert talk.slept == []
        if isinstance(error, InvalidError):
            assert error.fields == {"status": ("Not now.",)}

    @pytest.mark.parametrize(
        "body",
        ["", "<html><body>QueryException", "[1]", "null", '{"message": {"a": 1}, "errors": [1]}', '{"mess', "\xff"],
    )
    @pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 500])
    async def test_a_refusal_of_any_shape_is_told_by_its_status(self, talk: Talk, status: int, body: str) -> None:
        talk.api.answers = [answer(status, body.encode("latin-1"), "text/html")]
        error = await failing(talk)
        assert f"{status}" in str(error)
        assert getattr(error, "fields", {}) == {}

    async def test_nesting_without_end_in_a_refusal_does_no_harm(self, talk: Talk) -> None:
        talk.api.answers = [answer(422, '{"errors":' + "[" * 100_000)]
        assert type(await failing(talk)) is InvalidError

    async def test_field_messages_are_lists_or_single_texts(self, talk: Talk) -> None:
        errors = {"bill_date": "Too late.", "items.0.quantity": ["Too few.", "Not whole."], "none": []}
        talk.api.answers = [answer(422, json.dumps({"message": "Invalid.", "errors": errors, **INSIDES}))]
        error = await failing(talk, "POST")
        assert isinstance(error, InvalidError)
        assert error.fields == {
            "bill_date": ("Too late.",),
            "items.0.quantity": ("Too few.", "Not whole."),
            "none": (),
        }

    async def test_messages_are_made_harmless_and_short(self, talk: Talk) -> None:
        nasty = "a\u202eb\u200bc\x00\x1b[31md\u2028e\U000e0041\nf" + "x" * 1000
        errors = {f"{nasty[:40]}{n}": [nasty] * 8 for n in range(100)}
        talk.api.answers = [answer(422, json.dumps({"message": nasty, "errors": errors}))]
        error = await failing(talk)
        assert isinstance(error, InvalidError)
        texts = [error.full, *error.fields, *(said for each in error.fields.values() for said in each)]
        assert all(text.isprintable() for text in texts)
        assert all("abc[31md e f" in text for text in texts)
        assert sum(map(len, texts)) < 30_000
        assert len(error.full) < 400

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
    async def test_the_key_is_not_told_even_where_the_api_repeats_it(self, talk: Talk, status: int) -> None:
        echo = json.dumps({"message": f"Token {KEY} may not", "errors": {KEY: [f"Bearer {KEY}"]}})
        talk.api.answers = [answer(status, echo)]
        error = await failing(talk)
        assert KEY not in f"{error}{error.advice}{vars(error)}"

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("method", BOTH)
    async def test_a_redirect_is_not_followed(self, talk: Talk, method: str, status: int) -> None:
        talk.api.answers = [answer(status, "<html>", location=f"{talk.api.url}/elsewhere"), OK]
        error = await failing(talk, method)
        assert type(error) is (UnavailableError if method == "GET" else OutcomeUnknownError)
        assert "redirect" in str(error)
        assert len(talk.api.seen) == 1


PASSING: dict[str, Answer] = {
    "429": answer(429, MESSAGE),
    "502": answer(502, "<html>", "text/html"),
    "503": answer(503, MESSAGE),
    "504": answer(504),
    "a connection that is cut": cut,
    "a connection that is reset": reset,
    "a body that is cut": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{",
    "a chunk that is cut": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
}


class TestReadsAreTriedAgain:
    @pytest.mark.parametrize("name", PASSING)
    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_what_passes_is_waited_out(self, talk: Talk, name: str, method: str) -> None:
        talk.api.answers = [PASSING[name], PASSING[name], OK]
        reply = await talk.send(method, read=True)
        assert reply.data == {"data": {"id": 7}}
        assert len(talk.api.seen) == 3
        assert len(talk.slept) == 2
        assert all(0 <= seconds <= 8 for seconds in talk.slept)

    @pytest.mark.parametrize("name", PASSING)
    async def test_three_times_at_most(self, talk: Talk, name: str) -> None:
        talk.api.answers = [PASSING[name]]
        error = await failing(talk)
        assert type(error) is (RateLimitedError if name == "429" else UnavailableError)
        assert len(talk.api.seen) == 3
        assert len(talk.slept) == 2

    async def test_not_even_once_more_after_a_500(self, talk: Talk) -> None:
        talk.api.answers = [answer(500, MESSAGE), OK]
        assert type(await failing(talk)) is UnavailableError
        assert len(talk.api.seen) == 1

    @pytest.mark.parametrize("method", BOTH)
    @pytest.mark.parametrize(
        ("said", "waited"),
        [
            ("0", 0),
            ("7", 7),
            ("Sat, 21 Nov 2026 09:30:12 GMT", 12),
            ("Sat, 21 Nov 2026 10:30:12 +0100", 12),
            ("Sat, 21 Nov 2026 09:29:00 GMT", 0),
        ],
    )
    async def test_the_api_says_how_long_to_wait(self, talk: Talk, method: str, said: str, waited: float) -> None:
        talk.api.answers = [answer(429, retry_after=said), OK]
        assert (await talk.send(method)).status == 200
        assert sum(talk.slept) == waited

    @pytest.mark.parametrize("said", ["", "soon", "-1", "1.5", "Sat, 99 Nov 2026", "Sat, 21 Nov 2026 09:30:12", "\xb2"])
    async def test_what_it_says_badly_is_as_if_not_said(self, talk: Talk, said: str) -> None:
        talk.api.answers = [answer(429, retry_after=said)]
        error = await failing(talk)
        assert isinstance(error, RateLimitedError)
        assert error.retry_after is None
        assert error.advice == "Wait 60 s before the next call."
        assert all(0 <= seconds <= 8 for seconds in talk.slept)

    @pytest.mark.parametrize("method", BOTH)
    async def test_a_rate_limit_without_end_is_told_with_the_time_to_wait(self, talk: Talk, method: str) -> None:
        talk.api.answers = [answer(429, MESSAGE, retry_after="7")]
        error = await failing(talk, method)
        assert isinstance(error, RateLimitedError)
        assert error.retry_after == 7
        assert error.advice == "Wait 7 s before the next call."
        assert len(talk.api.seen) == 3
        assert talk.slept == [7, 8]  # A second longer: it may round down.

    async def test_a_single_refusal_does_not_make_everything_slow(self, talk: Talk) -> None:
        talk.api.answers = [OK, answer(429, retry_after="2"), OK]
        for _ in range(40):
            await talk.send()
        assert sum(talk.slept[:4]) < 2 + 4 * 1.2
        assert sum(talk.slept) < 2 + 40 * 1.2

    @pytest.mark.parametrize("method", BOTH)
    async def test_a_wait_of_a_minute_is_the_callers(self, talk: Talk, method: str) -> None:
        talk.api.answers = [answer(429, retry_after="61"), OK]
        error = await failing(talk, method)
        assert isinstance(error, RateLimitedError)
        assert error.retry_after == 61
        assert talk.slept == []

    async def test_calls_at_once_are_tried_again_each_on_its_own(self, talk: Talk) -> None:
        talk.api.answers = [*[answer(503)] * 6, OK]
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(talk.send)
        assert len(talk.api.seen) == 12
        assert len(talk.slept) == 6


class TestWrites:
    @pytest.mark.parametrize("method", WRITES)
    @pytest.mark.parametrize("name", [name for name in PASSING if name.startswith("a ")])
    async def test_a_write_that_loses_its_answer_is_sent_once_and_unknown(
        self, talk: Talk, method: str, name: str
    ) -> None:
        talk.api.answers = [PASSING[name], OK]
        error = await failing(talk, method)
        assert type(error) is OutcomeUnknownError
        assert "not known" in str(error)
        assert "Do not repeat it" in error.advice
        assert [seen.method for seen in talk.api.seen] == [method]
        assert talk.slept == []

    @pytest.mark.parametrize("method", WRITES)
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    async def test_a_write_that_failed_is_sent_once_and_unknown(self, talk: Talk, method: str, status: int) -> None:
        talk.api.answers = [answer(status, MESSAGE), OK]
        error = await failing(talk, method)
        assert type(error) is OutcomeUnknownError
        assert [seen.method for seen in talk.api.seen] == [method]
        assert talk.slept == []

    @pytest.mark.parametrize("method", WRITES)
    async def test_a_write_that_was_refused_for_its_rate_is_sent_again(self, talk: Talk, method: str) -> None:
        talk.api.answers = [answer(429), answer(429), OK]
        assert (await talk.send(method)).status == 200
        assert [seen.method for seen in talk.api.seen] == [method] * 3

    async def test_a_write_that_loses_its_answer_after_a_refusal_is_not_sent_again(self, talk: Talk) -> None:
        talk.api.answers = [answer(429), cut, OK]
        assert type(await failing(talk, "POST")) is OutcomeUnknownError
        assert len(talk.api.seen) == 2


class TestConnecting:
    @pytest.mark.parametrize("method", ["GET", *WRITES])
    async def test_a_call_that_was_not_accepted_is_tried_again(
        self, api: Api, unheard: Callable[..., Talk], method: str
    ) -> None:
        api.answers = [OK]

        async def opened_at_last(seconds: float) -> None:
            if len(talk.slept) == 2:
                await api.open()

        talk = unheard(opened_at_last)
        assert (await talk.send(method)).status == 200
        assert [seen.method for seen in api.seen] == [method]
        assert len(talk.slept) == 2

    @pytest.mark.parametrize("method", BOTH)
    async def test_a_call_that_was_never_accepted_changed_nothing(
        self, api: Api, unheard: Callable[..., Talk], method: str
    ) -> None:
        talk = unheard()
        error = await failing(talk, method)
        assert type(error) is UnavailableError
        assert "Nothing was changed" in error.advice
        assert len(talk.slept) == 2
        assert api.seen == []

    @pytest.mark.parametrize(
        "garbage", [b"220 mail.example ESMTP\r\n\r\n", b"HTTP/1.1 two hundred\r\n\r\n", b"\x16\x03\x01\x00"]
    )
    @pytest.mark.parametrize(("method", "kind"), [("GET", UnavailableError), ("POST", OutcomeUnknownError)])
    async def test_what_speaks_no_http_is_told_as_such(
        self, talk: Talk, garbage: bytes, method: str, kind: type[UpstreamError]
    ) -> None:
        talk.api.answers = [garbage]
        assert type(await failing(talk, method)) is kind


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize("how", [silence, drip])
async def test_a_call_that_is_cancelled_leaves_its_connection_at_once(talk: Talk, method: str, how: Answer) -> None:
    talk.api.answers = [how]
    calling = asyncio.ensure_future(talk.send(method))
    with anyio.fail_after(5):
        await talk.api.asked.wait()
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await talk.api.left.wait()
    assert len(talk.api.seen) == 1
    assert talk.slept == []


async def test_after_a_call_was_cancelled_others_go_on(talk: Talk) -> None:
    talk.api.answers = [silence, OK]
    with anyio.move_on_after(0.05):
        await talk.send()
    assert (await talk.send()).status == 200


def test_a_body_takes_no_values_that_json_does_not_know() -> None:
    for value in (object(), 1j):
        with pytest.raises(TypeError, match="cannot be sent as JSON"):
            encode({"value": value})


def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1,direct.example")
    assert proxy_of("https://api.example/v1") == "http://proxy.example:3128"
    assert proxy_of("https://direct.example/v1") is None
    assert proxy_of("http://127.0.0.1:8000") is None


async def test_a_web_page_is_a_file_only_where_a_file_was_asked_for(talk: Talk) -> None:
    talk.api.answers = [answer(200, "<html>", "text/html")]
    assert type(await failing(talk)) is UnavailableError
    reply = await talk.upstream.send(Request("GET", "/bills/7/attachments/1/download"), read=True, file=True)
    assert (reply.content, reply.content_type) == (b"<html>", "text/html")
