"""The guide to filters, in Markdown. Every call in it is made by a test."""

from __future__ import annotations

from typing import Any

from schemas.filters import OPERATORS
from schemas.listing import MAX_PER_PAGE

URI = "luminous://guide/filters"
MARKDOWN = "text/markdown"

TEXT = f"""\
# Filtering, sorting and reading lists

## Filters
`filters` is an object of `field` or `field[operator]` to value. All of them must hold; there is no "or" (use `in`).
Without an operator the value must be equal. Operators: {" ".join(OPERATORS)}.

| operator | holds when | value |
|---|---|---|
| `eq` `neq` | equal, not equal | one value |
| `gt` `gte` `lt` `lte` | greater, at least, less, at most | number or date |
| `contains` `notcontains` | the text is part of it; case counts | one text |
| `in` `notin` | it is one, none of them | JSON array, or text with commas |
| `set` `notset` | it has a value, it has none | `true` |

Texts take eq neq contains notcontains in notin set notset; dates and numbers the comparisons, set and notset.
Dates are `2026-11-30`, moments `2026-11-30 08:00:00`. Fields inside other records are written with dots.

```
list_bills {{"filters": {{"status": "posted", "total_due[gt]": 0}}}}
list_bills {{"filters": {{"status[in]": ["posted", "partially_paid"], "currency": "EUR"}}}}
list_bills {{"filters": {{"due_date[gte]": "2026-11-01", "due_date[lte]": "2026-11-30", "total_due[gt]": 0}}}}
list_bills {{"filters": {{"vendor_name[contains]": "Acme"}}, "sort": "due_date:asc"}}
list_bills {{"filters": {{"hold_reason[set]": true}}}}
list_purchase_orders {{"filters": {{"order_date[gte]": "2026-11-01"}}}}
```

A field that does not exist is refused by the API, or not looked at. The rows show which fields there are, and so does
"Other fields" under them.

## Sorting
`sort` is `field:asc` or `field:desc`; one field. A few lists take none.

## Pages
A list answers one page with the number of all rows that match. When there is more, the answer ends with
`More: next="..."`: call again with the same arguments and that `next`. `per_page` is at most {MAX_PER_PAGE}.
`all_pages=true` reads every page in one call. To count or add up, summarize_records reads everything and answers only
with the numbers.

```
list_bills {{"per_page": 50, "sort": "id:desc"}}
list_bills {{"filters": {{"status": "draft"}}, "all_pages": true, "fields": "id,bill_number,total"}}
```

## Size of an answer
`fields` names the columns to show (`"id,bill_number,total_due"`), in place of the usual ones; the id is always kept.
`max_tokens` (200 to 20000) says how long an answer may be. What does not fit is said, with how to get it; rows that
were read and not shown stay readable for a while as a resource, luminous://results/..., in parts and as CSV.

```
list_bills {{"fields": "id,bill_number,total_due", "max_tokens": 400}}
```

## BillDiary
Its lists (billdiary_list_...) have no filters: `q` (two characters or more), in most `status`, and `start_date` with
`end_date`, always both.

## Amounts
Amounts are exact. Currencies are never added together: sums are given for each currency.
"""


def link() -> dict[str, Any]:
    """The guide in a list of resources, in wire spelling."""
    return {
        "uri": URI,
        "name": "filters",
        "title": "Filtering, sorting and reading lists",
        "description": "Operators, values, paging and how to keep answers short, with calls that work",
        "mimeType": MARKDOWN,
        "size": len(TEXT.encode()),
    }
