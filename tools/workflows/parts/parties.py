"""Which vendor is meant: by id or by name, as people write names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.operation import System
from tools.workflows.books import Books, NotFoundError, ReadFailedError, Row
from tools.workflows.findings import Candidate, UnclearError

_LIKELY = 75
"""Similarity in percent from which a name is taken for another spelling."""
_CLOSE = 8
"""Names within so many percent of the best are as likely."""
_MOST_CANDIDATES = 10
_NEAREST = 3
_NEAR = 80
"""Similarity in percent that a word must have for names to be alike at all."""
_ID_DIGITS = 18
_NAME = 300
"""Characters of a name that are compared."""
_TYPE = re.compile(r"[A-Za-z]{1,20}")
_CUT = "Not all vendors could be read, so it is not clear which one is meant. Give the vendor's id."


@dataclass(frozen=True)
class Vendor:
    """A vendor. record: the company as the API answers it, where it was read. assumed: found by likeness alone.

    other_type: what the company with this id is, where it is no vendor.
    """

    id: int
    name: str
    record: Row
    assumed: bool = False
    other_type: str = ""


async def find_vendor(books: Books, given: str, system: System = System.LUMINOUS, argument: str = "vendor") -> Vendor:
    """The vendor that is meant. Raises UnclearError when none fits or several do, NotFoundError for an unknown id."""
    given = given.strip()
    if given.isascii() and given.isdigit() and len(given) <= _ID_DIGITS:
        return await _by_id(books, int(given), system)
    candidates = await (_companies(books, given) if system is System.LUMINOUS else _contacts(books, given))
    if system is System.LUMINOUS and not fitting(given, candidates) and await _is_customer(books, given):
        raise NotFoundError("No vendor has this name, but a customer does. What customers owe: look_up_invoices.")
    return _chosen(given, candidates, argument)


async def _is_customer(books: Books, given: str) -> bool:
    """Whether a company of that name is there that is no vendor."""
    for spelling in _spellings(given):
        page = await books.page("list_companies", filters={"name[contains]": spelling})
        others = [Vendor(0, str(row.get("name") or ""), row) for row in page.rows if _other_type(row)]
        if any(not each.assumed for each in fitting(given, others)):
            return True
    return False


def _chosen(given: str, candidates: Sequence[Vendor], argument: str) -> Vendor:
    fits = fitting(given, candidates)
    if len(fits) == 1:
        return fits[0]
    shown = fits or nearest(given, candidates)
    named = [Candidate(each.id, each.name) for each in shown[:_MOST_CANDIDATES]]
    raise UnclearError(argument, "vendors", given, named, len(fits))


async def _by_id(books: Books, number: int, system: System) -> Vendor:
    if system is System.LUMINOUS:
        companies = await books.page("list_companies", filters={"id": number}, per_page=1)
        company = next((row for row in companies.rows if str(row.get("id")) == str(number)), None)
        if company is None and not companies.are_all and books.has("get_company"):
            company = await books.record("get_company", company_id=number)  # The list does not know the filter.
        if company is None:
            raise NotFoundError(f"There is no company {number}.")
        return Vendor(number, str(company.get("name") or number), company, other_type=_other_type(company))
    page = await books.page("billdiary_list_purchases", contact_id=number)
    theirs = next((row for row in page.rows if (row.get("contact") or {}).get("id") == number), None)
    if theirs is None:
        raise NotFoundError(f"BillDiary has no purchases of a contact {number}.")
    return Vendor(number, contact_name(theirs), theirs)


async def _companies(books: Books, given: str) -> list[Vendor]:
    """Vendors to choose from: all of them where they are one page, else those whose name contains a word of it."""
    first = await books.page("list_companies", filters={"type": "Vendor"}, sort="name:asc")
    if first.are_all:
        return _vendors(first.rows)
    for spelling in _spellings(given):
        page = await books.page("list_companies", filters={"type": "Vendor", "name[contains]": spelling})
        if page.are_all and _has_exactly(given, found := _vendors(page.rows)):
            return found
    everybody: list[Vendor] = []
    async with books.stream("list_companies", filters={"type": "Vendor"}) as stream:
        async for rows in stream:
            everybody += [Vendor(vendor.id, vendor.name, {}) for vendor in _vendors(rows)]
    if stream.out_of_time and not _has_exactly(given, everybody):
        raise ReadFailedError(_CUT)
    return everybody


def _spellings(given: str) -> list[str]:
    """The longest word of a name in its likely spellings: `contains` looks at capitals."""
    word = max(given.split(), key=len, default=given)
    return list(dict.fromkeys((word, word.capitalize(), word.upper())))


def _has_exactly(given: str, vendors: Sequence[Vendor]) -> bool:
    """Whether a vendor has that very name; others may only be spelled like it."""
    return any(plain(each.name) == plain(given) for each in vendors)


async def _contacts(books: Books, given: str) -> list[Vendor]:
    """Suppliers that BillDiary's purchases name; it has no list of contacts."""
    found: dict[int, Vendor] = {}
    searches = [{"q": given}, {}] if len(given) > 1 else [{}]
    for search in searches:
        async with books.stream("billdiary_list_purchases", **search) as stream:
            async for rows in stream:
                for row in rows:
                    contact = row.get("contact")
                    if isinstance(contact, dict) and isinstance(contact.get("id"), int):
                        found.setdefault(contact["id"], Vendor(contact["id"], contact_name(row), {}))
        if stream.out_of_time and not _has_exactly(given, list(found.values())):
            raise ReadFailedError(_CUT)
        if fitting(given, list(found.values())):
            break
    return list(found.values())


def contact_name(purchase: Row) -> str:
    """The supplier of a BillDiary purchase: its business, else the person."""
    contact = purchase.get("contact") or {}
    return str(contact.get("supplier_business_name") or contact.get("name") or contact.get("id") or "")


def _vendors(rows: Iterable[Row]) -> list[Vendor]:
    # The filter by type is not documented; where the API ignores it, the type in the row still tells.
    return [
        Vendor(row["id"], str(row["name"]), row)
        for row in rows
        if isinstance(row.get("id"), int) and row.get("name") and not _other_type(row)
    ]


def _other_type(company: Row) -> str:
    """What a company is that is no vendor; empty for a vendor, and where it is not said."""
    kind = str(company.get("type") or "vendor")
    if kind.lower() == "vendor":
        return ""
    return kind if _TYPE.fullmatch(kind) else "another"


def plain(text: str) -> str:
    """A name without capitals, accents and signs."""
    from rapidfuzz.utils import default_process

    bare = "".join(each for each in unicodedata.normalize("NFKD", text[:_NAME]) if not unicodedata.combining(each))
    return " ".join(default_process(bare.casefold().replace("ß", "ss").replace("&", " and ")).split())


def fitting(given: str, candidates: Sequence[Vendor]) -> list[Vendor]:
    """Those whose name is the given one; else those whose words begin with its words; else those spelled like it."""
    wanted = plain(given)
    if not wanted:
        return []
    names = [(plain(each.name), each) for each in candidates]
    if same := [each for name, each in names if name == wanted]:
        return same
    if begun := [each for name, each in names if _begins(wanted.split(), name.split())]:
        return begun
    scored = [(_likeness(wanted, name), each) for name, each in names]
    best = max((score for score, _ in scored), default=0)
    if best < _LIKELY:
        return []
    likely = sorted((item for item in scored if item[0] >= max(_LIKELY, best - _CLOSE)), key=lambda item: -item[0])
    return [Vendor(each.id, each.name, each.record, assumed=True) for _, each in likely]


def _begins(words: Sequence[str], name: Sequence[str]) -> bool:
    return all(any(part.startswith(word) for part in name) for word in words)


def _likeness(wanted: str, name: str) -> float:
    """How well the words of one are found in the other, in percent: each word in its best spelling."""
    best = _best(wanted, name)
    return sum(best) / max(1, len(best))


def _best(wanted: str, name: str) -> list[float]:
    """Of each wanted word, in percent, how like it the name's likest word is."""
    from rapidfuzz.fuzz import ratio

    parts = name.split()
    return [max((ratio(word, part) for part in parts), default=0) for word in wanted.split()]


def nearest(given: str, candidates: Sequence[Vendor]) -> list[Vendor]:
    """The three whose names are most like it: a word that is alike counts more than letters that happen to be."""
    wanted = plain(given)

    def place(each: Vendor) -> tuple[float, float, str]:
        best = _best(wanted, plain(each.name))
        return -sum(score for score in best if score >= _NEAR), -_likeness(wanted, plain(each.name)), each.name

    return sorted(candidates, key=place)[:_NEAREST]
