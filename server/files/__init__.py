"""Files on their way: read from allowed folders, kept for a while as resources, saved only where asked."""
