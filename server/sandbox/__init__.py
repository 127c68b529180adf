"""A stand-in for the Luminous HTTP API: seeded books in SQLite, served over real HTTP.

Nothing here is shared with the code that calls the API; the two meet on the wire only.
"""
