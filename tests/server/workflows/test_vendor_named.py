"""Which vendor is meant: customers are told from vendors, and nobody is answered about for lack of time to read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asking import Desk, Ledger

from tools.workflows.books import ReadFailedError, Rows
from tools.workflows.findings import UnclearError
from tools.workflows.parts.parties import find_vendor

pytestmark = pytest.mark.anyio

PER_PAGE = 100


class ManyCompanies:
    """Books with more vendors than a page has. `contains` looks at capitals. out_of_time: only a part is read."""

    def __init__(self, *companies: tuple[str, str], out_of_time: bool = False) -> None:
        named = [*companies, *((f"Filler {number}", "Vendor") for number in range(150))]
        self.companies: list[dict[str, Any]] = [
            {"id": number, "name": name, "type": kind} for number, (name, kind) in enumerate(named, 1)
        ]
        self.out_of_time = out_of_time

    def _fitting(self, filters: dict[str, Any]) -> list[dict[str, Any]]:
        part, kind = filters.get("name[contains]", ""), filters.get("type")
        return [each for each in self.companies if part in each["name"] and kind in (None, each["type"])]

    async def page(self, operation: str, *, filters: dict[str, Any], **_: Any) -> Rows:
        found = self._fitting(filters)
        return Rows(found[:PER_PAGE], len(found))

    @asynccontextmanager
    async def stream(self, operation: str, *, filters: dict[str, Any]) -> AsyncIterator[Any]:
        rows = self._fitting(filters)

        class Pages:
            stopped, out_of_time = "", self.out_of_time

            async def __aiter__(self) -> AsyncIterator[list[dict[str, Any]]]:
                yield rows

        yield Pages()


async def named(given: str, *companies: tuple[str, str], out_of_time: bool = False) -> str:
    books: Any = ManyCompanies(*companies, out_of_time=out_of_time)
    return (await find_vendor(books, given)).name


async def test_a_vendor_of_that_very_name_is_found_whatever_its_capitals() -> None:
    companies = ("Acme Tools", "Vendor"), ("ACME", "Vendor")
    assert await named("acme", *companies) == "ACME"
    assert await named("Acme", *companies) == "ACME"


async def test_a_search_cut_by_time_answers_about_nobody_but_the_very_vendor() -> None:
    assert await named("Acme Tools", ("Acme Tools", "Vendor"), out_of_time=True) == "Acme Tools"
    with pytest.raises(ReadFailedError, match="Not all vendors could be read"):
        await named("Acme Toolz", ("Acme Tools", "Vendor"), out_of_time=True)


async def test_only_a_customer_whose_name_fits_is_one() -> None:
    customer = "Clearwater Kitchens", "Retail"
    for given in ("clearwater kitchens", "Clearwater"):
        with pytest.raises(ReadFailedError, match=r"a customer does\. .* look_up_invoices"):
            await named(given, customer)
    for given in ("water", "x"):
        with pytest.raises(UnclearError) as unclear:
            await named(given, customer)
        assert (unclear.value.fits, len(unclear.value.candidates)) == (0, 3)


async def test_of_a_company_that_is_no_vendor_the_answer_says_so(here: Desk, ledger: Ledger) -> None:
    (customer,) = ledger.rows("select id from companies where name = 'Amber Mercantile'")
    number = customer["id"]
    for tool in ("vendor_position", "look_up_bills", "cash_requirements", "match_bill"):
        answer = await here.ask(tool, vendor=str(number))
        assert f"Company {number} is of type Retail, not a vendor; what customers owe: look_up_invoices." in answer.text
        assert "not a vendor" not in (await here.ask(tool, vendor="101")).text
