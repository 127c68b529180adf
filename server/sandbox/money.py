"""Exact money arithmetic: rounding to cents and spreading an amount without losing one."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def cents(amount: Decimal) -> Decimal:
    """The amount rounded half up to whole cents."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def prorate(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Spread `total` (whole cents, not negative) over the weights; the shares add up to it exactly.

    The cents left over by rounding down go to the largest remainders, the earlier share first.
    Weights that are all zero count as equal.
    """
    if not weights:
        raise ValueError("nothing to spread the amount over")
    whole = sum(weights)
    if whole <= 0:
        weights, whole = [Decimal(1)] * len(weights), Decimal(len(weights))
    units = int(total / CENT)
    exact = [units * weight / whole for weight in weights]
    shares = [int(share.to_integral_value(rounding=ROUND_FLOOR)) for share in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[: units - sum(shares)]:
        shares[i] += 1
    return [share * CENT for share in shares]
