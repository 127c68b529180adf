"""Compares the catalogue with a vendor's OpenAPI file, and adopts what the catalogue does not know."""
