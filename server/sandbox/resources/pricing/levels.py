"""Price levels: what a group of customers pays, as a percentage of the retail price."""

from sqlalchemy import select

from server.sandbox.filters import Listing, fields, page
from server.sandbox.rows import get_row
from server.sandbox.tables.goods import price_levels
from server.sandbox.wire import Answer, Call, Routes

routes = Routes()

LEVELS = Listing(select(price_levels), fields(price_levels.c, *price_levels.c.keys()), price_levels.c.id)


@routes.get("/price-levels")
def list_price_levels(call: Call) -> Answer:
    """All price levels."""
    return page(call, LEVELS)


@routes.get("/price-levels/{levelId}")
def get_price_level(call: Call) -> Answer:
    """One price level, bare."""
    wanted = price_levels.c.id == call.id("levelId", "Price level")
    return Answer(get_row(call.connection, price_levels, "Price level", wanted))
