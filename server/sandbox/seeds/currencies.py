"""Generates currencies and a rate for each month."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from server.sandbox.seeds.ledger import Ledger, Row
from server.sandbox.size import CLOSING_DAY

CURRENCIES = (
    ("USD", "US dollar", "$", 2, True), ("EUR", "Euro", "€", 2, True), ("GBP", "Pound sterling", "£", 2, True),
    ("CAD", "Canadian dollar", "CA$", 2, True), ("JPY", "Japanese yen", "¥", 0, True),
    ("MXN", "Mexican peso", "MX$", 2, False), ("CNY", "Chinese yuan", "CN¥", 2, False),
    ("INR", "Indian rupee", "₹", 2, False),
)  # fmt: skip
"""Code, name, symbol, decimals, and whether it can be used. The books are kept in the first."""

WORTH = {"EUR": 10850, "GBP": 12700, "CAD": 7300}
"""What they were worth in the base currency at first, in its ten-thousandths."""

MONTHS = 20


def add(ledger: Ledger) -> None:
    """Generate the currencies and what they were worth on the first of each month."""
    made = {}
    for number, (code, name, symbol, decimals, is_available) in enumerate(CURRENCIES):
        made[code] = ledger.add(
            "currencies",
            code=code,
            name=name,
            symbol=symbol,
            decimals=decimals,
            is_available=is_available,
            is_base=number == 0,
        )
    worth = dict(WORTH)
    for back in range(MONTHS - 1, -1, -1):
        for code in WORTH:
            worth[code] += ledger.dice.randint(-150, 150)
            _rate(ledger, made[code], made["USD"], Decimal(worth[code]).scaleb(-4), _month(back))


def _month(back: int) -> date:
    """The first day of the month that lies so many months before the last."""
    year, month = divmod(CLOSING_DAY.year * 12 + CLOSING_DAY.month - 1 - back, 12)
    return date(year, month + 1, 1)


def _rate(ledger: Ledger, source: Row, target: Row, rate: Decimal, day: date) -> None:
    entered = datetime.combine(day, time(6), UTC)
    stamps = {"created_at": entered, "updated_at": entered}
    ledger.add("currency_rates", from_id=source["id"], to_id=target["id"], rate=rate, date=day, **stamps)
