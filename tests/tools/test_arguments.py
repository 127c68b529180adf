"""From what a model gives to what is sent: checking, its error messages, and the composed request."""

import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from schemas.common import Arguments, Date, Mark, Money
from server.upstream.replies import decode, encode
from tools import catalogue
from tools.arguments import InvalidArgumentsError, check, nearest
from tools.operation import Effect, Operation, System, Toolset
from tools.request import MASK, FilePart, Request, compose

BILL = {"bill_id": 7}
PAYMENT = BILL | {"amount": "10.00", "payment_date": "2026-01-31"}
CONTACT = {"first_name": "Ann"}


def operation_of(tool: str) -> Operation:
    return next(
        toolset.operations[tool] for toolset in map(catalogue.toolset, catalogue.MODULES) if tool in toolset.operations
    )


def request_of(tool: str, arguments: dict[str, Any]) -> Request:
    operation = operation_of(tool)
    return compose(operation, check(operation.arguments, arguments))


def problems_of(tool: str, arguments: dict[str, Any] | None) -> dict[str, str]:
    """What is told to be wrong, by argument."""
    with pytest.raises(InvalidArgumentsError) as caught:
        check(operation_of(tool).arguments, arguments)
    found = {problem.argument: problem.message for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    assert all(f"{argument}: {message}" in str(caught.value) for argument, message in found.items())
    return found


class TestNames:
    def test_an_unknown_argument_is_refused_with_the_nearest_and_all_names(self) -> None:
        message = problems_of("get_bills_aging", {"as_of_dat": "2026-01-31"})["as_of_dat"]
        assert "did you mean as_of_date?" in message
        assert "Allowed: as_of_date, vendor_id" in message

    def test_an_unknown_argument_of_a_list_is_shown_the_way_into_filters(self) -> None:
        assert '{"vendor_name": ...}' in problems_of("list_bills", {"vendor_name": "Acme"})["vendor_name"]

    @pytest.mark.parametrize("slip", ["amuont", "amoun", "Amount", "payment_dat", "paymentdate", "refrence"])
    def test_a_slip_on_an_open_declaration_is_refused(self, slip: str) -> None:
        meant = nearest(slip, PAYMENT | {"reference": ""})
        assert f"looks like {meant}" in problems_of("record_bill_payment", PAYMENT | {slip: "1"})[slip]

    @pytest.mark.parametrize("further", ["exchange_rate", "bank_account_id", "x"])
    def test_a_further_field_of_an_open_declaration_is_passed_on_as_it_is(self, further: str) -> None:
        value = {"any": [1, "2", None, True]}
        body = request_of("record_bill_payment", PAYMENT | {further: value}).body
        assert body is not None
        assert body[further] == value

    def test_names_that_differ_in_digits_only_are_different_fields(self) -> None:
        class Phones(Arguments, extra="allow"):
            phone_1: str | None = None

        assert check(Phones, {"phone_2": "x"}).model_extra == {"phone_2": "x"}

    def test_the_wire_spelling_is_taken_too(self) -> None:
        assert request_of("list_invoices", {"sales_order.order_number": "SO-1"}) == request_of(
            "list_invoices", {"sales_order_order_number": "SO-1"}
        )

    def test_near_names_are_found_in_any_case_and_with_swapped_letters(self) -> None:
        assert nearest("BIL_ID", ["bill_id", "vendor_id"]) == "bill_id"
        assert nearest("amuont", ["account", "amount"]) == "amount"
        assert nearest("zzz", ["bill_id"], at_least=80) is None
        assert nearest("zzz", []) is None

    @pytest.mark.parametrize(
        ("name", "known", "meant"),
        [
            ("company_name", ["ship_by_date", "customer.name", "total"], "customer.name"),
            ("supplier_name", ["vendor_id", "vendor_name", "sender_name"], "vendor_name"),
            ("vendor", ["vendor_id", "vendor_name", "vendor_credit_id"], "vendor_name"),
            ("bill_no", ["bill_date", "bill_number"], "bill_number"),
            ("amount_due", ["total", "total_due", "due_date"], "total_due"),
            ("poNumber", ["id", "customer_po_number"], "customer_po_number"),
            ("list_customers", ["list_companies", "list_customer_returns"], "list_companies"),
            ("pay_bill", ["void_bill_payment", "record_bill_payment"], "record_bill_payment"),
            ("vendor_name", ["id", "supplier.name", "vendor_id"], "vendor_id"),
            ("vendor_name", ["id", "supplier.name"], "supplier.name"),
        ],
    )
    def test_what_a_name_means_wins_over_how_it_is_spelled(self, name: str, known: list[str], meant: str) -> None:
        assert nearest(name, known) == meant

    @pytest.mark.parametrize("name", ["starred_flag", "sku", "vendor_name", "zzz"])
    def test_where_nothing_is_near_there_is_no_guess(self, name: str) -> None:
        assert nearest(name, ["id", "customer.name", "ship_by_date", "total_due"]) is None

    def test_a_slip_is_told_by_its_spelling_alone(self) -> None:
        assert nearest("supplier_name", ["vendor_name"], at_least=80) is None

    def test_a_list_without_filters_says_what_it_takes(self) -> None:
        message = problems_of("list_unit_conversion_rules", {"filters": {"type": "SKU"}})["filters"]
        assert message.startswith("takes no filters. Allowed: ")


class TestNull:
    def test_null_means_left_out_where_the_field_cannot_be_null(self) -> None:
        given = CONTACT | {"last_name": None, "password": None, "company_id": None}
        assert request_of("create_contact", given).body == {"first_name": "Ann"}
        assert problems_of("create_contact", {"first_name": None}) == {"first_name": "is required"}

    def test_null_is_sent_where_it_clears_the_field(self) -> None:
        request = request_of("update_contact", {"contact_id": 1, "email": None, "phone_1": None, "phone_2": None})
        assert request.body == {"email": None, "phone_1": None}
        assert encode(request.body) == b'{"email":null,"phone_1":null}'

    def test_no_arguments_at_all_are_no_arguments(self) -> None:
        assert problems_of("get_bill", None) == {"bill_id": "is required"}
        assert request_of("get_bills_summary", {}) == Request("GET", "/bills/summary")


class TestMessages:
    def test_all_problems_are_told_at_once_each_by_its_path(self) -> None:
        found = problems_of(
            "create_invoice",
            {
                "company_id": "seven",
                "order_date": "31.01.2026",
                "items": [{"quantity": 1}, {"quantity": "many", "colour": "red"}],
                "ship_to": {"town": "Berne"},
                "total_shiping": 3,
            },
        )
        assert set(found) == {
            "company_id",
            "order_date",
            "payment_terms",
            "items.1.quantity",
            "items.1.colour",
            "ship_to.town",
            "total_shiping",
        }
        assert found["payment_terms"] == "is required"
        assert found["order_date"] == "must be a date, YYYY-MM-DD"
        assert "did you mean total_shipping?" in found["total_shiping"]

    def test_bounds_are_named_in_words(self) -> None:
        found = problems_of("list_bills", {"page": 0, "per_page": 101})
        assert found == {"page": "must be at least 1", "per_page": "must be at most 100"}
        assert problems_of("record_bill_payment", PAYMENT | {"amount": 0}) == {"amount": "must be greater than 0"}

    @given(secret=st.text(min_size=1, max_size=7).filter(lambda text: len(set(text)) > 2))
    @example(secret="hunter2")
    def test_rejected_input_is_not_repeated(self, secret: str) -> None:
        typed = {"contact_id": 1, "password": secret}
        plain = {"contact_id": 1, "password": "-" * len(secret)}
        assert problems_of("set_contact_portal_password", typed) == problems_of("set_contact_portal_password", plain)

    @pytest.mark.parametrize("value", [12345678, ["hunter2hunter2"], {"is": "hunter2"}, "hunter2" * 40])
    def test_rejected_input_of_another_type_is_not_repeated(self, value: Any) -> None:
        message = problems_of("set_contact_portal_password", {"contact_id": 1, "password": value})["password"]
        assert "hunter2" not in message
        assert "12345678" not in message


class Amount(Arguments):
    """An amount, a bounded one and a day."""

    amount: Money | None = None
    day: Date | None = None


sums = Toolset("sums", System.LUMINOUS)
sums.write("POST", "/sums")(Amount)
CENTS = st.integers(-(10**15) + 1, 10**15 - 1)
"""Amounts of at most 15 digits, in cents."""


def sent(**arguments: Any) -> bytes:
    """The body that goes over the wire."""
    return encode(compose(sums.operations["amount"], check(Amount, arguments)).body or {})


def refused(**arguments: Any) -> str:
    with pytest.raises(InvalidArgumentsError) as caught:
        check(Amount, arguments)
    return str(caught.value)


class TestMoney:
    @given(cents=CENTS, places=st.integers(0, 2), spelling=st.sampled_from([int, str, float, Decimal]))
    def test_an_amount_arrives_to_the_cent_however_it_is_given(
        self, cents: int, places: int, spelling: type[Any]
    ) -> None:
        exact = Decimal(cents).scaleb(-places)
        assume(spelling is not int or places == 0)
        given = spelling(cents) if spelling is int else spelling(str(exact))
        body = sent(amount=given)
        # The literal itself, not what a float would make of it.
        assert body == b'{"amount":%s}' % format(exact.quantize(Decimal("0.01")), "f").encode()
        assert decode(body) == {"amount": exact}

    @given(
        units=st.integers(-(10**9), 10**9),
        tail=st.text("0123456789", min_size=3, max_size=60).filter(lambda text: text[2:].strip("0")),
    )
    @example(units=1, tail="0" * 40 + "1")
    @example(units=1, tail="1" + "9" * 40)
    def test_more_than_two_decimals_are_refused_not_rounded(self, units: int, tail: str) -> None:
        assert "2 decimals" in refused(amount=f"{units}.{tail}")
        if len(tail) < 7:
            assert "2 decimals" in refused(amount=float(f"{units}.{tail}"))

    def test_further_zeros_are_no_further_decimals(self) -> None:
        assert sent(amount="12.5000") == b'{"amount":12.50}'

    @pytest.mark.parametrize(
        "value",
        [
            *(float("nan"), float("inf"), float("-inf"), "NaN", "inf", "-Infinity", Decimal("NaN"), Decimal("sNaN")),
            *(True, False, None.__class__, [], {}, ["1"], b"1"),
            *("1e400", "1e2", 1e400, 1e22, 1e-7, "1E5"),
            *("1_000", "1,000", "1 000", "", " ", ".", ".5", "5.", "+", "--1", "0x10", "$5", "\u0663", "½", "²"),
            *(10**15, -(10**15), 10**400, "9" * 16, "1" + "0" * 5000),
            *(1234567890123456.0, 99999999999999.97),
        ],
    )
    def test_what_is_no_plain_number_is_refused(self, value: Any) -> None:
        assert refused(amount=value).startswith("amount: ")

    def test_spaces_around_a_number_do_not_matter(self) -> None:
        assert sent(amount=" +7.5\n") == b'{"amount":7.50}'

    @pytest.mark.parametrize("value", [0, "0.00", -0.0, "-0.01"])
    def test_a_payment_moves_more_than_nothing(self, value: Any) -> None:
        assert problems_of("record_bill_payment", PAYMENT | {"amount": value}) == {"amount": "must be greater than 0"}

    def test_a_line_takes_four_decimals_and_keeps_them(self) -> None:
        line = {"quantity": "2.5", "unit_cost": 3.3333}
        bill = {"vendor_id": 1, "bill_number": "A", "bill_date": "2026-01-31", "items": [line]}
        body = encode(request_of("create_bill", bill).body or {})
        assert b'"items":[{"quantity":2.5,"unit_cost":3.3333}]' in body
        wrong = bill | {"items": [line | {"unit_cost": "3.33333"}]}
        assert problems_of("create_bill", wrong) == {"items.0.unit_cost": "has more than 4 decimals"}


class TestDates:
    @given(day=st.dates())
    def test_a_day_arrives_as_it_was_written(self, day: dt.date) -> None:
        assert sent(day=day.isoformat()) == sent(day=day) == b'{"day":"%s"}' % day.isoformat().encode()

    @pytest.mark.parametrize(
        "value",
        [
            *("2026-02-30", "2026-13-01", "2025-02-29", "0000-01-01", "2026-00-10"),
            *("2026-01-31T00:00:00", "2026-01-31 00:00", "2026-01-31Z", dt.datetime(2026, 1, 31, tzinfo=dt.UTC)),
            *(20260131, 1769817600, 1.5, True, "20260131", "2026-1-31", "31.01.2026", "01/31/2026", "2026-W05-6"),
            *(
                "",
                " ",
                "today",
                " 2026-01-31",
                "2026-01-31\n",
                "\uff12026-01-31",
                "\u0662026-01-31",
                ["2026-01-31"],
                {},
            ),
        ],
    )
    def test_what_is_no_plain_day_is_refused(self, value: Any) -> None:
        assert refused(day=value).startswith("day: ")


class TestIds:
    @pytest.mark.parametrize("value", [12, "12", 2**63 - 1])
    def test_the_number_of_a_record_is_taken_as_digits_too(self, value: Any) -> None:
        assert request_of("get_bill", {"bill_id": value}).path == f"/bills/{value}"

    @pytest.mark.parametrize(
        "value", [0, -1, 1.0, 1.5, True, [1], 2**63, "0", "-1", "+1", "1.0", " 1", "1_0", "\u0663", "", "9" * 5000]
    )
    def test_the_number_of_a_record_is_a_whole_number_from_one(self, value: Any) -> None:
        assert set(problems_of("get_bill", {"bill_id": value})) == {"bill_id"}

    @pytest.mark.parametrize("value", [12, "12"])
    def test_an_id_that_is_documented_as_text_is_taken_both_ways(self, value: Any) -> None:
        assert request_of("get_company", {"company_id": value}).path == "/companies/12"

    @pytest.mark.parametrize("value", ["", " 12", "1/2", "..", "-1", "1.5", "\u0663", True, 1.0, None, [12]])
    def test_an_id_that_is_documented_as_text_is_digits_only(self, value: Any) -> None:
        assert set(problems_of("get_company", {"company_id": value})) == {"company_id"}


texts = Toolset("texts", System.LUMINOUS)


@texts.read("GET", "/labels/{label}/of/{kind}")
class GetLabel(Arguments):
    """A label by its text."""

    label: str
    kind: str
    name: str | None = None
    wanted: bool | None = None
    names: list[str] | None = None
    more: dict[str, Any] | None = None
    shown: str | None = None


class TestCompose:
    @given(label=st.text(min_size=1), kind=st.text(min_size=1))
    @example(label="a/../b?c#d%2F", kind="é\u2028;=&+ {}")
    def test_any_text_stands_in_a_path_as_one_segment(self, label: str, kind: str) -> None:
        assume(not {label, kind} & {".", ".."})
        request = compose(texts.operations["get_label"], check(GetLabel, {"label": label, "kind": kind}))
        assert request.path.isascii()
        assert not set(request.path) & set("?#\\ ;&")
        assert [unquote(part) for part in request.path.split("/")] == ["", "labels", label, "of", kind]
        url = httpx.URL("https://api.example/v1" + request.path)
        assert (url.host, url.query, url.fragment) == ("api.example", b"", "")
        assert urlsplit(str(url)).path == f"/v1{request.path}"

    @pytest.mark.parametrize("part", ["", ".", ".."])
    def test_what_would_lead_elsewhere_cannot_stand_in_a_path(self, part: str) -> None:
        with pytest.raises(InvalidArgumentsError, match="kind: cannot stand in a path"):
            compose(texts.operations["get_label"], check(GetLabel, {"label": "a", "kind": part}))

    def test_query_values_are_text_as_the_api_reads_it(self) -> None:
        given = {"label": "a", "kind": "b", "name": "", "wanted": False, "names": ["x", "y"], "more": {"k": True}}
        request = compose(texts.operations["get_label"], check(GetLabel, given))
        assert request.query == (("name", ""), ("wanted", "0"), ("names", "x,y"), ("more[k]", "1"))
        assert request.body is None

    def test_what_was_not_given_is_not_sent(self) -> None:
        assert request_of("update_bill", BILL | {"notes": "n"}).body == {"notes": "n"}
        assert request_of("post_bill", BILL) == Request("POST", "/bills/7/post")
        body = {"company_id": 1, "order_date": "2026-01-31", "payment_terms": "Net 30", "items": [{"sku": "A"}]}
        assert request_of("create_invoice", body).body == body | {"order_date": dt.date(2026, 1, 31)}

    def test_pages_are_always_said(self) -> None:
        assert request_of("list_bills", {}).query == (("page", "1"), ("per_page", "10"))
        assert dict(request_of("list_bills", {"per_page": 50, "sort": "id:asc"}).query) == {
            "page": "1",
            "per_page": "50",
            "sort": "id:asc",
        }
        assert request_of("list_company_contacts", {"company_id": 1, "page": 2}).query == (
            ("page", "2"),
            ("limit", "10"),
        )

    def test_filters_become_parameters_as_they_are_written(self) -> None:
        filters = {"status": "posted", "total_due[gt]": 0.1, "vendor_id[in]": [1, 2], "hold_reason[set]": True}
        assert request_of("list_bills", {"filters": filters}).query == (
            ("status", "posted"),
            ("total_due[gt]", "0.1"),
            ("vendor_id[in]", "1,2"),
            ("hold_reason[set]", ""),
            ("page", "1"),
            ("per_page", "10"),
        )

    def test_local_arguments_are_never_sent(self) -> None:
        local = {
            (entry.name, name)
            for entry in catalogue.build()
            for name, field in operation_of(entry.name).arguments.model_fields.items()
            if Mark.LOCAL in field.metadata
        }
        assert ("list_bills", "all_pages") in local
        assert ("list_bills", "fields") in local
        request = request_of("list_bills", {"all_pages": True, "fields": "id,total_due"})
        assert request == request_of("list_bills", {})

    def test_secrets_are_sent_and_masked_everywhere_else(self) -> None:
        request = request_of("create_contact", CONTACT | {"password": "correct horse"})
        assert request.body is not None
        assert json.loads(encode(request.body)) == {"first_name": "Ann", "password": "correct horse"}
        assert request.shown()["body"] == {"first_name": "Ann", "password": MASK}
        assert "correct horse" not in f"{request!r}{request.shown()}{request.body}"

    def test_a_request_is_shown_with_exact_amounts(self) -> None:
        shown = request_of("record_bill_payment", PAYMENT | {"amount": 0.1}).shown()
        assert shown == {
            "method": "POST",
            "path": "/bills/7/payments",
            "body": {"amount": "0.10", "payment_date": "2026-01-31"},
        }
        assert json.loads(json.dumps(shown)) == shown

    def test_further_fields_of_a_deletion_with_a_body_are_part_of_the_body(self) -> None:
        request = request_of("detach_product_boms", {"product_id": 7, "bom_ids": [1], "why": "old"})
        assert (request.method, request.query) == ("DELETE", ())
        assert request.body == {"bom_ids": [1], "why": "old"}
        assert request_of("delete_product", {"id": 7, "why": "old"}).query == (("why", "old"),)

    def test_a_file_is_a_part_of_its_own_and_is_shown_without_its_content(self) -> None:
        operation = operation_of("upload_bill_attachment")
        given = BILL | {"file": {"file_name": "a.pdf", "content_base64": "UERGIQ=="}}
        part = FilePart("file", "a.pdf", "application/pdf", b"PDF!")
        request = compose(operation, check(operation.arguments, given), [part])
        assert request.files == (part,)
        assert request.form() == {}
        shown = request.shown()["files"]["file"]
        assert shown == {
            "file_name": "a.pdf",
            "content_type": "application/pdf",
            "size": 4,
            "sha256": hashlib.sha256(b"PDF!").hexdigest(),
        }
        assert "PDF!" not in f"{request!r}{request.shown()}"

    @pytest.mark.parametrize(
        "file",
        [{}, {"path": "a", "content_base64": "YQ==", "file_name": "a"}, {"content_base64": "YQ=="}, {"file_name": "a"}],
    )
    def test_a_file_is_a_path_or_content_with_a_name(self, file: dict[str, str]) -> None:
        assert set(problems_of("upload_bill_attachment", BILL | {"file": file})) == {"file"}

    def test_form_fields_are_spelled_as_php_reads_them(self) -> None:
        line = {"product_id": 1, "variation_id": 2, "unit_price": "3.5", "quantity": 2, "exp_date": "2026-01-31"}
        given = {"location_id": 1, "transaction_date": "2026-01-31", "final_total": "7", "products": [line, line]}
        form = request_of("billdiary_create_standalone_purchase_return", given).form()
        assert form == {
            "location_id": "1",
            "transaction_date": "2026-01-31",
            "final_total": "7.00",
            **{
                f"products[{index}][{name}]": text
                for index in range(2)
                for name, text in (
                    ("product_id", "1"),
                    ("variation_id", "2"),
                    ("unit_price", "3.5"),
                    ("quantity", "2"),
                    ("exp_date", "2026-01-31"),
                )
            },
        }

    def test_a_long_text_is_shown_by_its_length(self) -> None:
        notes = "n" * 5000
        request = request_of("update_bill", BILL | {"notes": notes})
        assert json.loads(encode(request.body or {})) == {"notes": notes}
        shown = request.shown()["body"]["notes"]
        assert "5000 characters" in shown
        assert len(shown) < 100


class TestDeclaring:
    def test_a_path_names_arguments_only(self) -> None:
        class GetThing(Arguments):
            """A thing."""

        with pytest.raises(ValueError, match="thing_id"):
            Toolset("things", System.LUMINOUS).read("GET", "/things/{thing_id}")(GetThing)

    def test_a_name_is_declared_once(self) -> None:
        with pytest.raises(ValueError, match="get_label is declared twice"):
            texts.read("GET", "/labels")(type("GetLabel", (Arguments,), {"__doc__": "Twice."}))

    def test_the_subject_of_a_write_is_the_record_that_its_path_leads_to(self) -> None:
        bills = catalogue.toolset("bills")

        def subject(tool: str) -> str | None:
            found = bills.subject_of(bills.operations[tool])
            return found.name if found else None

        assert (
            subject("record_bill_payment") == subject("delete_bill_allocation") == subject("update_bill") == "get_bill"
        )
        assert subject("create_bill") is None

    def test_a_catalogue_without_writes_has_reads_only(self) -> None:
        whole = catalogue.load()
        reads = whole.reads_only()
        assert {entry.effect for entry in reads} == {Effect.READ}
        assert len(reads) == sum(entry.effect == "read" for entry in whole)
        assert "post_bill" in whole
        assert "post_bill" not in reads
        with pytest.raises(catalogue.UnknownToolError):
            reads.operation("post_bill")

    def test_an_unknown_tool_is_told_with_the_nearest(self) -> None:
        with pytest.raises(catalogue.UnknownToolError) as caught:
            catalogue.load().operation("lists_bill")
        assert caught.value.nearest == "list_bills"


@pytest.mark.parametrize(
    ("tool", "given", "argument", "said"),
    [
        (
            "list_bills",
            {"filters": {"bill_date[gte]": "2026-06-01", "bill_date[lt]": "2026-01-01"}},
            "filters",
            "round",
        ),
        ("list_bills", {"filters": {"total[gt]": 500, "total[lte]": "20.5"}}, "filters", "from 500 to 20.5"),
        (
            "list_bills",
            {"filters": {"bill_date[gte]": "2026-06-01 10:00:00", "bill_date[lte]": "2026-05-31"}},
            "filters",
            "round",
        ),
        ("billdiary_list_purchases", {"start_date": "2026-06-02", "end_date": "2026-06-01"}, "end_date", "before"),
    ],
)
def test_a_range_the_wrong_way_round_is_refused(tool: str, given: dict[str, Any], argument: str, said: str) -> None:
    assert said in problems_of(tool, given)[argument]


@pytest.mark.parametrize(
    "filters",
    [
        {"bill_date[gte]": "2026-06-01", "bill_date[lte]": "2026-06-01"},
        {"bill_date[gte]": "2026-06-01 10:00:00", "bill_date[lte]": "2026-06-01"},
        {"total[gte]": "9", "total[lte]": "10"},
        {"bill_number[gte]": "b", "bill_number[lte]": "a"},
        {"total[gte]": 5, "total_due[lte]": 1},
    ],
)
def test_a_range_that_may_hold_something_is_not(filters: dict[str, Any]) -> None:
    assert (
        dict(request_of("list_bills", {"filters": filters}).query).items()
        >= {key: str(value) for key, value in filters.items()}.items()
    )
