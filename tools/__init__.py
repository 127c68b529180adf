"""Which operations exist: one declaration each, grouped in toolsets, and the catalogue over them."""
