"""Exact ratios, and how they are written as decimals."""

from decimal import Context, Decimal
from fractions import Fraction

SIGNIFICANT_DIGITS = 15
"""Of a ratio without an end as a decimal, such as a twelfth."""


def as_decimal(ratio: Fraction) -> Decimal:
    """The ratio as a decimal without exponent; one that has no end is rounded."""
    exact = Context(prec=SIGNIFICANT_DIGITS).divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    return Decimal(f"{exact.normalize():f}")


def rounded(ratio: Fraction, places: int) -> Decimal:
    """The ratio rounded half up to that many decimals."""
    units = ratio * 10**places
    whole, rest = divmod(abs(units.numerator), units.denominator)
    whole += 2 * rest >= units.denominator
    return (Decimal(whole) if ratio >= 0 else -Decimal(whole)).scaleb(-places)
