"""SKUs: each names one product, as its main SKU or as an alternate one."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from server.sandbox.rows import Record
from server.sandbox.tables.goods import alternate_skus, products


class Claim(NamedTuple):
    """A SKU in a body, and the product whose main SKU it is to be or is already."""

    path: str
    sku: str
    product_id: int | None = None
    """None for a product that is yet to be made, and for alternate SKUs."""


def sku_faults(connection: Connection, claims: Sequence[Claim]) -> dict[str, str]:
    """What is wrong with the SKUs, by path: taken by another product, or sent twice."""
    wanted = [claim.sku for claim in claims]
    main = select(products.c.sku, products.c.id).where(products.c.sku.in_(wanted))
    owners: dict[str, int | None] = {row.sku: row.id for row in connection.execute(main)}
    others = select(alternate_skus.c.sku).where(alternate_skus.c.sku.in_(wanted))
    taken = set(connection.execute(others).scalars())
    faults: dict[str, str] = {}
    for claim in claims:
        if claim.sku in taken or (claim.sku in owners and owners[claim.sku] != claim.product_id):
            faults[claim.path] = f"The {claim.path} has already been taken."
        taken.add(claim.sku)
    return faults


def claims_of(
    sent: Record, product_id: int | None, variants: Sequence[Record], variant_ids: Sequence[int | None]
) -> list[Claim]:
    """All SKUs that a body claims for a product, its variants and its alternate SKUs."""
    main = [Claim("sku", sent["sku"], product_id)] if "sku" in sent else []
    below = [
        Claim(f"variants.{index}.sku", variant["sku"], variant_id)
        for index, (variant, variant_id) in enumerate(zip(variants, variant_ids, strict=True))
    ]
    further = [
        Claim(f"alternate_skus.{index}", alternate["sku"])
        for index, alternate in enumerate(sent.get("alternate_skus") or [])
    ]
    return [*main, *below, *further]
