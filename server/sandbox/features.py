"""Features: parts of the product that a company's plan has or has not."""

from sqlalchemy import Connection, select, update

from server.sandbox.tables.about import features
from server.sandbox.wire import WireError

FORECAST = "forecast_materialized_table"
FEATURES = (FORECAST,)
"""All that can be switched; fresh books have them all."""


def is_enabled(connection: Connection, name: str) -> bool:
    """Whether the company's plan has the feature."""
    return bool(connection.execute(select(features.c.enabled).where(features.c.name == name)).scalar_one_or_none())


def require(connection: Connection, name: str) -> None:
    """Raises 403 when the company's plan has not the feature."""
    if not is_enabled(connection, name):
        raise WireError(403, f"The feature {name} is not enabled for this company.")


def switch(connection: Connection, name: str, *, on: bool) -> None:
    """Put the feature into the company's plan or take it out. Raises LookupError for a feature there is not."""
    changed = connection.execute(update(features).where(features.c.name == name).values(enabled=on))
    if not changed.rowcount:
        raise LookupError(f"There is no feature {name}; the sandbox has {', '.join(FEATURES)}.")
