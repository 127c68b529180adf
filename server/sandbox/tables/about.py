"""What the books are, and the tags that records carry."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table

from server.sandbox.tables.base import flag, key, metadata, ref, table, text

about = Table("about", metadata, Column("key", String, primary_key=True), text("value", nullable=False))
"""What these books are: format, seed, closing day."""

features = Table("features", metadata, Column("name", String, primary_key=True), flag("enabled"))
"""Parts of the product that the company's plan has or has not."""

tags = table(
    "tags", key(), Column("name", String, unique=True, nullable=False), *map(text, ("description", "icon", "color"))
)

taggings = Table(
    "taggings",
    metadata,
    text("owner", nullable=False),
    Column("owner_id", Integer, nullable=False),
    ref("tag_id", "tags"),
    PrimaryKeyConstraint("owner", "owner_id", "tag_id"),
)
