"""Payments that will fall due to vendors, and money paid to them ahead."""

from server.sandbox.resources.payment_obligations import dashboard, obligations, prepayments

GROUPS = (obligations.routes, dashboard.routes, prepayments.routes)
