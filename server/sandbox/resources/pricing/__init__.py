"""Price levels and price schedules, and the prices that come of them."""

from server.sandbox.resources.pricing import levels, schedules

GROUPS = (levels.routes, schedules.routes)
