"""The sales forecast, by product and by warehouse group. The company's plan may lack it."""

from server.sandbox.resources.forecast import by_product, by_warehouse_group

GROUPS = (
    by_product.routes,
    by_warehouse_group.routes,
)
