"""Custom field definitions, and custom fields and tags of records of any kind."""

from server.sandbox.resources.metadata import definitions, record_tags, record_values

GROUPS = (definitions.routes, record_values.routes, record_tags.routes)
"""The last two match paths that begin with any kind of record; the app puts them behind all others."""
