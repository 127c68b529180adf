"""Products, kits, bills of materials, and what they cost whom."""

from server.sandbox.resources.products import boms, prices, product_boms, products

GROUPS = (products.routes, boms.routes, product_boms.routes, prices.routes)
