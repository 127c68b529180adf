"""Who may use BillDiary. All users are seeded; a user's login is its bearer token, and its key and secret alike.

| login            | business            | may                                                                        |
|------------------|---------------------|----------------------------------------------------------------------------|
| `sandbox`        | Fernhill Trading    | everything (business admin)                                                |
| `sandbox-viewer` | Fernhill Trading    | read everything, change nothing                                            |
| `sandbox-own`    | Fernhill Trading    | read the purchases that it entered itself (`view_own_purchase`)            |
| `sandbox-buyer`  | Fernhill Trading    | request, order, buy, pay and send back, and see only what it entered       |
| `sandbox-clerk`  | Fernhill Trading    | request, order and buy at one location, see all of it, pay nothing         |
| `sandbox-lapsed` | Old Mill Supplies   | everything; the business has no active subscription                        |
| `sandbox-demo`   | Showroom Demo       | everything; the business is a demo, which takes no payments and no returns |
| `sandbox-basic`  | Corner Shop Basics  | everything; requisitions and purchase orders are switched off              |

A sandbox with another token than `sandbox` has that in place of `sandbox` in all of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

OWNER = "owner"
"""The login of the admin that the bare token belongs to."""


class May(StrEnum):
    """A permission, as BillDiary calls it."""

    VIEW_ALL_REQUISITIONS = "purchase_requisition.view_all"
    VIEW_OWN_REQUISITIONS = "purchase_requisition.view_own"
    CREATE_REQUISITION = "purchase_requisition.create"
    DELETE_REQUISITION = "purchase_requisition.delete"
    VIEW_ALL_ORDERS = "purchase_order.view_all"
    VIEW_OWN_ORDERS = "purchase_order.view_own"
    CREATE_ORDER = "purchase_order.create"
    UPDATE_ORDER = "purchase_order.update"
    DELETE_ORDER = "purchase_order.delete"
    VIEW_PURCHASES = "purchase.view"
    VIEW_OWN_PURCHASES = "view_own_purchase"
    CREATE_PURCHASE = "purchase.create"
    UPDATE_PURCHASE = "purchase.update"
    DELETE_PURCHASE = "purchase.delete"
    PAY = "purchase.payments"


EVERYTHING = tuple(May)


@dataclass(frozen=True)
class Seeded:
    """A user as it is seeded: the place of its business among the seeded ones, and what it may do."""

    business: int
    name: str
    permissions: tuple[May, ...]
    is_admin: bool = False
    one_location: bool = False


LOGINS: Mapping[str, Seeded] = {
    OWNER: Seeded(0, "Nadia Fernhill", EVERYTHING, is_admin=True),
    "viewer": Seeded(0, "Victor Lindqvist", (May.VIEW_ALL_REQUISITIONS, May.VIEW_ALL_ORDERS, May.VIEW_PURCHASES)),
    "own": Seeded(0, "Olive Castellano", (May.VIEW_OWN_PURCHASES,)),
    "buyer": Seeded(
        0,
        "Bruno Okafor",
        (
            May.VIEW_OWN_REQUISITIONS,
            May.CREATE_REQUISITION,
            May.VIEW_OWN_ORDERS,
            May.CREATE_ORDER,
            May.UPDATE_ORDER,
            May.VIEW_OWN_PURCHASES,
            May.CREATE_PURCHASE,
            May.UPDATE_PURCHASE,
            May.PAY,
        ),
    ),
    "clerk": Seeded(
        0,
        "Carla Whitfield",
        (
            May.VIEW_ALL_REQUISITIONS,
            May.CREATE_REQUISITION,
            May.VIEW_ALL_ORDERS,
            May.CREATE_ORDER,
            May.UPDATE_ORDER,
            May.VIEW_PURCHASES,
            May.CREATE_PURCHASE,
            May.UPDATE_PURCHASE,
        ),
        one_location=True,
    ),
    "lapsed": Seeded(1, "Leo Moreno", EVERYTHING, is_admin=True),
    "demo": Seeded(2, "Dana Petrov", EVERYTHING, is_admin=True),
    "basic": Seeded(3, "Basil Quinn", EVERYTHING, is_admin=True),
}
"""By login. Who enters purchases in the main business: owner, own, buyer and clerk."""


@dataclass(frozen=True, slots=True)
class User:
    """The user a request comes from, and the state of its business."""

    id: int
    business_id: int
    is_admin: bool
    permissions: frozenset[str]
    location_ids: tuple[int, ...] | None
    """The permitted locations; None: all of the business."""
    is_subscribed: bool
    is_demo: bool
    has_requisitions: bool
    has_orders: bool
    tracks_lots: bool
    transaction_edit_days: int

    def may(self, *permissions: May) -> bool:
        """Whether the user has one of the permissions."""
        return not self.permissions.isdisjoint(permissions)

    def permits(self, location_id: int) -> bool:
        """Whether the location is one of the user's."""
        return self.location_ids is None or location_id in self.location_ids
