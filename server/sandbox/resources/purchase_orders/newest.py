"""Lists that come with the latest change first."""

from dataclasses import replace

from server.sandbox.wire import Call


def newest_first(call: Call) -> Call:
    """The call, sorted by last change where it asks for no order itself."""
    if call.argument("sort"):
        return call
    query = [(key, value) for key, value in call.query if key != "sort"]
    return replace(call, query=[*query, ("sort", "updated_at:desc")])
