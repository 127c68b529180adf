"""Unit classes, units of measure and the rules that convert between them."""

from server.sandbox.resources.units import classes, rules, units

GROUPS = (classes.routes, units.routes, rules.routes)
