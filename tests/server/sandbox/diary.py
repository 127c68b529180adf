"""A client of BillDiary, and bodies that it takes."""

from decimal import Decimal
from typing import Any

import httpx

from tests.server.sandbox.conftest import Api

URL = "http://sandbox/api/v1/integration"

Body = dict[str, Any]


class Diary:
    """Calls BillDiary as one of its users."""

    def __init__(self, api: Api, login: str = "sandbox") -> None:
        self.api = api
        self.login = login

    def as_(self, login: str) -> "Diary":
        """The same for another user."""
        return Diary(self.api, login)

    def send(self, method: str, path: str, status: int = 200, **options: Any) -> httpx.Response:
        """Send a request and insist on the status."""
        headers = {"Authorization": f"Bearer {self.login}"} | options.pop("headers", {})
        return self.api.send(method, URL + path, status, headers=headers, **options)

    def get(self, path: str, status: int = 200, /, **params: Any) -> Any:
        """GET and read the JSON."""
        return self.send("GET", path, status, params=params or None).json()

    def post(self, path: str, body: Body, status: int = 201) -> Any:
        """POST JSON and read the JSON."""
        return self.send("POST", path, status, json=body).json()

    def put(self, path: str, body: Body, status: int = 200) -> Any:
        """PUT JSON and read the JSON."""
        return self.send("PUT", path, status, json=body).json()

    def delete(self, path: str, status: int = 200) -> Any:
        """DELETE and read the JSON."""
        return self.send("DELETE", path, status).json()

    def all(self, path: str, /, **params: Any) -> list[Any]:
        """The rows of all pages."""
        rows: list[Any] = []
        number, last = 0, 1
        while number < last:
            number += 1
            page = self.get(path, **{"per_page": 100, **params, "page": number})
            rows, last = rows + page["data"], page["meta"]["last_page"]
        return rows

    def first(self, path: str, /, **params: Any) -> Any:
        """The newest row of a list."""
        return self.get(path, **{"per_page": 1, **params})["data"][0]

    def detail(self, path: str) -> Any:
        """A single record."""
        return self.get(path)["data"]


def goods(diary: Diary) -> Body:
    """A product and one of its variations."""
    line = diary.detail(f"/purchases/{diary.first('/purchases')['id']}")["lines"][0]
    return {name: line[name] for name in ("product_id", "variation_id")}


def line(diary: Diary, quantity: int = 10, price: str = "20", **fields: Any) -> Body:
    """A line without discount and tax; 10 at 20.00 unless told."""
    prices = dict.fromkeys(("pp_without_discount", "purchase_price", "purchase_price_inc_tax"), price)
    return {**goods(diary), "quantity": quantity, **prices, "item_tax": 0, **fields}


def head(diary: Diary, lines: list[Body], **fields: Any) -> Body:
    """What an order and a purchase have in common; the totals are those of the lines."""
    total = str(sum(Decimal(each["quantity"]) * Decimal(each["purchase_price_inc_tax"]) for each in lines))
    seen = diary.first("/purchases")
    return {
        "contact_id": seen["contact"]["id"],
        "location_id": seen["location"]["id"],
        "transaction_date": "2026-11-18",
        "total_before_tax": total,
        "final_total": total,
        "purchases": lines,
        **fields,
    }


def purchase(diary: Diary, **fields: Any) -> Body:
    """A received purchase of 200.00."""
    return head(diary, [line(diary)], **{"status": "received", **fields})


def bought(diary: Diary, **fields: Any) -> Any:
    """Enter a received purchase of 200.00; its record."""
    return diary.detail(f"/purchases/{diary.post('/purchases', purchase(diary, **fields))['data']['id']}")


def stock(api: Api, location_id: int, variation_id: int) -> Decimal:
    """What is there of a variation, in units."""
    with api.books.transaction() as connection:
        query = "SELECT quantity FROM billdiary_stocks WHERE location_id = ? AND variation_id = ?"
        found = connection.exec_driver_sql(query, (location_id, variation_id)).scalar()
    return Decimal(found or 0).scaleb(-4)
