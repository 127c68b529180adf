"""The facts of tests/reference/contract.json: what the vendors' pages say about each operation.

A nested field is said as `a.b` (in an object) or `a[].b` and `a.*.b` (in each object of an array), and an array as
`a[]`. In a query a dotted name is one flat name: `company.name` is the argument `company_name`.
"""

import json
import keyword
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]
CONTRACT: list[Json] = json.loads(
    (Path(__file__).parents[1] / "reference" / "contract.json").read_text(encoding="utf-8")
)
ANY_OPERATOR = "{field}[{operator}]"
"""The query parameter that stands for every filter."""
SAME_AS_CREATE = {
    "billdiary_update_purchase_order": ("billdiary_create_purchase_order", {"location_id"}),
    "billdiary_update_purchase": ("billdiary_create_purchase", {"location_id", "payment", "document"}),
}
"""Updates whose page says "same schema as create": the create, and its fields that the update does not take.

The contract has only what these pages add (purchase_line_id in lines).
"""


def snake(name: str) -> str:
    """The argument that a field of the contract is. A word that Python reserves (`from`) ends in an underscore."""
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).replace(".", "_").lower()
    return f"{snake}_" if keyword.iskeyword(snake) else snake


@dataclass
class Node:
    """One field of the contract, with the fields inside it. type is empty where the contract does not say it."""

    name: str
    type: str = ""
    of: str = ""
    """Type of an array's items, where it is one."""
    facts: Json = field(default_factory=dict)
    inside: dict[str, "Node"] = field(default_factory=dict)

    def say(self, facts: Json, objects: Json) -> None:
        self.facts = facts
        said = facts.get("type", "")
        if array := re.fullmatch(r"array<(\w+)>", said) or re.fullmatch(r"(\w+)\[\]", said):
            self.type, self.of = "array", array[1]
        elif self.type == "array":
            self.of = said
        else:
            self.type = self.type or said
        if self.of in objects:
            for each in objects[self.of]:
                self.inside.setdefault(each["name"], Node(each["name"])).say(each, objects)
            self.of = "object"
        if self.of == "unknown":
            self.of = ""


def tree(fields: list[Json], objects: Json) -> dict[str, Node]:
    """The fields of a body, each with those inside it."""
    roots: dict[str, Node] = {}
    for facts in fields:
        if facts["name"].startswith("<"):
            continue
        level, node = roots, None
        for part in facts["name"].replace(".*", "[]").split("."):
            if node is not None:
                node.type = node.type or "object"
                node.of = node.of or ("object" if node.type == "array" else "")
                level = node.inside
            node = level.setdefault(part.removesuffix("[]"), Node(part.removesuffix("[]")))
            node.type = "array" if part.endswith("[]") else node.type
        assert node is not None
        node.say(facts, objects)
    return roots


def body_of(fact: Json) -> list[Node]:
    """The fields of an operation's body."""
    objects = fact.get("objects") or {}
    fields = list((fact["body"] or {}).get("fields", []))
    if fact["tool"] in SAME_AS_CREATE:
        create, without = SAME_AS_CREATE[fact["tool"]]
        same = next(each for each in CONTRACT if each["tool"] == create)
        fields = [each for each in same["body"]["fields"] if each["name"] not in without] + fields
        objects = same["objects"]
    return list(tree(fields, objects).values())
