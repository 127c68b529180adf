"""Every declared operation against the facts of tests/reference/contract.json, and those against the operations."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from contract import ANY_OPERATOR, CONTRACT, Json, Node, body_of, snake

from schemas.common import Evidence, Mark
from tools import catalogue
from tools.arguments import InvalidArgumentsError, check, is_marked, wire_name
from tools.operation import Operation
from tools.request import FilePart, Request, compose
from tools.schema import input_schema, listed_schema

CSV_READS = {
    "billdiary_get_purchase_requisition",
    "billdiary_get_purchase_order",
    "billdiary_get_purchase",
    "billdiary_get_purchase_return",
}
"""Reads of one record that take `format`: documented in words (one row as CSV), not in the list of parameters."""
FILE = {"file_name", "content_base64", "path"}
DOCUMENTED = [fact for fact in CONTRACT if fact["toolset"] in catalogue.MODULES]
EVIDENCE = {"docs": "documented", "cli": "client", "inferred": "inferred"}
PAGING = {"page", "per_page"}
SAMPLES: dict[str, tuple[Any, ...]] = {
    "integer": (7,),
    "number": (1.5,),
    "boolean": (True,),
    "object": ({"any": "thing"},),
    "string": ("7", "2026-01-31", "id:asc", "a@b.example", "long enough"),
}
"""Values of each JSON type, of which the first that the declaration takes is used: some strings are dates."""
OTHERS: dict[str, tuple[Any, ...]] = {
    "integer": ("seven", 1.5, True, [7], {}),
    "number": ("seven", True, [7], {}),
    "boolean": ("maybe", 7, [True], {}),
    "object": ("seven", 7, [7]),
    "array": ("seven", 7, {}),
    "string": (True, ["7"], {}),
}
"""Values that are certainly not of that type."""


@dataclass
class Case:
    """An operation, what the contract says about it, and the least call that it takes."""

    operation: Operation
    fact: Json

    def __post_init__(self) -> None:
        self.schema: Json = input_schema(self.operation.arguments)
        self.path = [Node(each["name"], each["type"], "", each) for each in self.fact["path_params"]]
        self.query = [
            Node(each["name"], each.get("type", ""), "", each)
            for each in self.fact["query_params"]
            if each["name"] != ANY_OPERATOR
        ]
        body = body_of(self.fact)
        self.body = [node for node in body if node.type != "file"]
        self.files = [node for node in body if node.type == "file"]
        self.known = {snake(node.name): node for node in (*self.path, *self.query, *self.body, *self.files)}
        self.least = {name: self.some(name) for name in self.schema.get("required", [])}

    @property
    def incomplete(self) -> bool:
        """Whether the contract's list of body fields (of query parameters, where there is no body) may lack some."""
        body = self.fact["body"]
        return not (body["complete"] if body else self.fact["query_params_complete"])

    def some(self, name: str) -> Any:
        """A value that suits one argument, made from its published schema."""
        return next((value for value in samples(self.schema["properties"][name]) if self.suits(name, value)), None)

    def suits(self, name: str, value: Any) -> bool:
        return name not in self.refused({name: value})

    def refused(self, given: Json) -> set[str]:
        """The arguments, among `given`, that are told to be wrong."""
        try:
            check(self.operation.arguments, given)
        except InvalidArgumentsError as error:
            return {problem.argument.split(".")[0] for problem in error.problems} & set(given)
        return set()

    def request(self, **given: Any) -> Request:
        """The request of the least call that has these arguments."""
        return compose(self.operation, check(self.operation.arguments, self.call(**given)))

    def call(self, **given: Any) -> Json:
        """The least arguments, with these among them, that are taken.

        Some arguments ask for others: then one that is optional is added, and other choices are tried.
        """
        properties = self.schema["properties"]
        choices = [
            {name: value} for name in self.least if name not in given for value in properties[name].get("enum", ())
        ]
        extras = [{name: self.some(name)} for name in properties if name not in self.least and name not in given]
        first: InvalidArgumentsError | None = None
        for choice in [{}, *choices]:
            pairs = ({**one, **other} for one in extras for other in extras)
            for extra in [{}, *extras, *pairs]:
                arguments = self.least | choice | extra | given
                try:
                    check(self.operation.arguments, arguments)
                except InvalidArgumentsError as error:
                    first = first or error
                    if {problem.argument for problem in error.problems} != {"arguments"}:
                        raise
                else:
                    return arguments
        assert first is not None
        raise first


def samples(schema: Json) -> Iterator[Any]:
    """Values of a published schema."""
    if "enum" in schema:
        yield from schema["enum"]
    elif "anyOf" in schema:
        for branch in schema["anyOf"]:
            yield from samples(branch) if branch.get("type") != "null" else ()
    elif schema.get("type") == "array":
        yield from ([each] for each in samples(schema.get("items", {})))
    elif schema.get("type") == "object" and "properties" in schema:
        least = schema.get("required") or list(schema["properties"])[:1]
        for names in (least, list(schema["properties"])):
            options = {name: list(samples(schema["properties"][name])) for name in names}
            for n in range(len(SAMPLES["string"])):
                yield {name: each[min(n, len(each) - 1)] for name, each in options.items()}
    else:
        yield from SAMPLES[schema.get("type", "string")]


@cache
def case_of(tool: str) -> Case:
    fact = next(each for each in DOCUMENTED if each["tool"] == tool)
    return Case(catalogue.toolset(fact["toolset"]).operations[tool], fact)


@pytest.fixture(params=[fact["tool"] for fact in DOCUMENTED])
def case(request: pytest.FixtureRequest) -> Case:
    """Each operation of the contract that is declared, whatever else is wrong."""
    tool = request.param
    fact = next(each for each in DOCUMENTED if each["tool"] == tool)
    if tool not in catalogue.toolset(fact["toolset"]).operations:
        pytest.fail(f"{tool} is not declared")
    return case_of(tool)


@pytest.mark.parametrize("name", catalogue.MODULES)
def test_a_toolset_has_all_operations_of_the_contract_and_no_others(name: str) -> None:
    assert sorted(catalogue.toolset(name).operations) == sorted(
        fact["tool"] for fact in CONTRACT if fact["toolset"] == name
    )


def test_method_path_effect_and_evidence_are_those_of_the_contract(case: Case) -> None:
    operation, fact = case.operation, case.fact
    declared = (
        operation.toolset.name,
        operation.toolset.system.value,
        operation.method,
        operation.path,
        operation.effect.value,
        operation.evidence.value,
    )
    assert declared == (
        fact["toolset"],
        fact["system"],
        fact["method"],
        re.sub(r"\{(\w+)\}", lambda match: f"{{{snake(match[1])}}}", fact["path"]),
        fact["effect"],
        EVIDENCE[fact["evidence"]["method_path"]],
    )


def test_every_field_is_an_argument_of_the_same_type(case: Case) -> None:
    properties = case.schema["properties"]
    assert sorted(set(case.known) - set(properties)) == []
    assert list(differences(case.known, properties)) == []
    if any(each["name"] == ANY_OPERATOR for each in case.fact["query_params"]):
        assert is_marked(case.operation.arguments, "filters", Mark.FILTERS)


def of_type(schema: Json, kind: str) -> Json:
    """The alternative of that type, where there are some; else the schema itself."""
    return next((each for each in schema.get("anyOf", ()) if each.get("type") == kind), schema)


def differences(nodes: dict[str, Node], properties: Json, above: str = "") -> Iterator[str]:
    """Where published schemas are not what the contract says."""
    for name, node in nodes.items():
        path = f"{above}{name}"
        if node.type == "file":
            if set(properties[name].get("properties", {})) != FILE:
                yield f"{path}: is no file"
            continue
        schema = of_type(properties[name], node.type)
        items = schema.get("items", {})
        if node.type and schema.get("type") != node.type:
            yield f"{path}: {schema.get('type')} is not {node.type}"
        if node.type == "array" and node.of and items.get("type") != node.of:
            yield f"{path}: items of {items.get('type')} are not {node.of}"
        published = items if node.type == "array" else schema
        for key in ("enum", "format"):
            said = node.facts.get(key)
            if key == "format" and said not in ("date", "email"):
                continue
            if said is not None and published.get(key) != said:
                yield f"{path}: {key} {published.get(key)} is not {said}"
        if node.inside:
            inner = {snake(each): inside for each, inside in node.inside.items()}
            missing = sorted(set(inner) - set(published.get("properties", {})))
            if missing:
                yield f"{path}: lacks {missing}"
            else:
                yield from differences(inner, published["properties"], f"{path}.")
                must = {each for each, inside in inner.items() if inside.facts.get("required")}
                if must != set(published.get("required", [])) & set(inner):
                    yield f"{path}: requires {published.get('required')}, not {sorted(must)}"


def test_what_is_required_is_required_by_the_contract_or_marked_inferred(case: Case) -> None:
    required = set(case.schema.get("required", []))
    must = {snake(node.name) for node in case.path}
    must |= {snake(node.name) for node in (*case.query, *case.body, *case.files) if node.facts.get("required")}
    assert sorted(must - required) == []
    unfounded = {name for name in required - must if not is_marked(case.operation.arguments, name, Evidence.INFERRED)}
    assert sorted(unfounded) == []
    for name in required:
        with pytest.raises(InvalidArgumentsError, match=rf"\b{name}: is required"):
            check(case.operation.arguments, {each: value for each, value in case.least.items() if each != name})


def test_values_of_other_types_are_refused(case: Case) -> None:
    taken = [
        (name, value)
        for name, node in case.known.items()
        for value in OTHERS.get(node.type, ())
        if case.suits(name, value)
    ]
    assert taken == []


def bounds(node: Node) -> Iterator[tuple[Any, Any]]:
    """For each bound of a field a value just inside and one just outside."""
    facts = node.facts

    def text(length: int) -> str:
        return "a" * length if facts.get("format") != "email" else f"{'a' * (length - 2)}@b"

    step = 1 if node.type == "integer" else Decimal("0.01")
    if "min" in facts:
        yield facts["min"], Decimal(str(facts["min"])) - step if node.type == "number" else facts["min"] - 1
    if "max" in facts:
        yield facts["max"], Decimal(str(facts["max"])) + step if node.type == "number" else facts["max"] + 1
    if "max_length" in facts:
        yield text(facts["max_length"]), text(facts["max_length"] + 1)
    if "min_length" in facts:
        yield text(facts["min_length"]), text(facts["min_length"] - 1)
    for each in facts.get("enum", ()):
        yield each, "none of these" if isinstance(each, str) else 999
    if facts.get("format") == "date":
        yield "2024-02-29", "2026-02-29"
    if facts.get("format") == "email":
        yield "a@b.example", "a.b.example"


def test_bounds_are_enforced_to_the_last_step(case: Case) -> None:
    wrong: list[str] = []
    for name, node in case.known.items():
        pairs = list(bounds(node))
        if {"min_items", "max_items"} & set(node.facts):
            one = case.some(name)[0]
            fewest, most = node.facts.get("min_items", 0), node.facts.get("max_items")
            pairs += [([one] * fewest, [one] * (fewest - 1))] if fewest else []
            pairs += [([one] * most, [one] * (most + 1))] if most else []
        for inside, outside in pairs:
            if not case.suits(name, inside):
                wrong.append(f"{name} refuses {inside!r}")
            if case.suits(name, outside):
                wrong.append(f"{name} takes {outside!r}")
    assert wrong == []


def same(sent: Any, given: Any) -> bool:
    """Whether a value to be sent is the one that was given."""
    if isinstance(given, list):
        return isinstance(sent, list) and all(same(*pair) for pair in zip(sent, given, strict=True))
    if isinstance(given, dict):
        return isinstance(sent, dict) and sent.keys() == given.keys() and all(same(sent[k], given[k]) for k in given)
    if hasattr(sent, "get_secret_value"):
        return bool(sent.get_secret_value() == given)
    if isinstance(sent, dt.date):
        return sent.isoformat() == given
    if isinstance(given, bool):
        return sent is given
    return bool(sent == (Decimal(str(given)) if isinstance(given, int | float) else given))


def test_fields_travel_under_the_name_that_the_contract_spells(case: Case) -> None:
    path = case.request().path
    assert path == re.sub(r"\{(\w+)\}", lambda match: str(case.least[snake(match[1])]), case.fact["path"])
    for node in case.query:
        value = case.some(snake(node.name))
        query = case.request(**{snake(node.name): value}).query
        if isinstance(value, dict):
            assert [(f"{node.name}[{key}]", each) for key, each in value.items()] == [
                pair for pair in query if pair[0].startswith(f"{node.name}[")
            ]
        else:
            (text,) = [text for name, text in query if name == node.name]
            # As documented for starred=1: Laravel reads the word as text where a column is compared.
            exact = text == ("1" if value is True else str(value))
            assert exact or (node.type == "number" and Decimal(text) == Decimal(str(value))), node.name
    for node in case.body:
        some = case.some(snake(node.name))
        value = whole(case, node) if node.inside else (some, some)
        body = case.request(**{snake(node.name): value[0]}).body
        assert body is not None
        assert same(body[node.name], value[1]), (node.name, body)
    for node in case.files:
        part = FilePart(snake(node.name), "a.pdf", "application/pdf", b"%PDF")
        given = case.call(**{part.field_name: {"file_name": "a.pdf", "content_base64": "JVBERg=="}})
        request = compose(case.operation, check(case.operation.arguments, given), [part])
        assert is_marked(case.operation.arguments, part.field_name, Mark.FILE)
        assert [each.field_name for each in request.files] == [node.name]
        assert node.name not in (request.body or {})


def whole(case: Case, node: Node) -> tuple[Any, Any]:
    """A value with every inner field of the contract that is taken: as an argument, and as it must be sent."""
    name = snake(node.name)
    tried = [filled(node, case.schema["properties"][name], n) for n in range(len(SAMPLES["string"]))]
    return next(value for value in tried if case.suits(name, value[0]))


def filled(node: Node, schema: Json, nth: int) -> tuple[Any, Any]:
    """A value with every inner field, made of the nth sample of each."""
    schema = of_type(schema, node.type)
    if node.type == "array" and node.inside:
        argument, sent = filled(Node(node.name, "object", "", {}, node.inside), schema["items"], nth)
        return [argument], [sent]
    if node.inside:
        arguments: Json = {}
        wire: Json = {}
        for name, each in node.inside.items():
            arguments[snake(name)], wire[name] = filled(each, schema["properties"][snake(name)], nth)
        return arguments, wire
    formats = {"date": "2026-01-31", "email": "a@b.example", "password": "long enough"}
    options = list(samples(schema))
    value = formats.get(node.facts.get("format") or schema.get("format", "")) or options[min(nth, len(options) - 1)]
    return value, value


def test_unless_told_the_first_ten_rows_are_asked_for_whatever_the_default_of_the_api(case: Case) -> None:
    sent = dict(case.request().query)
    if case.operation.in_pages:
        size = getattr(case.operation.arguments, "page_size", "")
        assert (sent["page"], sent[size]) == ("1", "10")


def test_arguments_beyond_the_contract_are_local_filters_or_inferred(case: Case) -> None:
    """Pages too may be asked for of a list whose parameters are not all known: all documented lists have them."""
    model = case.operation.arguments
    invented = [
        name
        for name in set(case.schema["properties"]) - set(case.known)
        if not is_marked(model, name, Mark.LOCAL)
        and not (name == "filters" and is_marked(model, name, Mark.FILTERS))
        and not (case.incomplete and is_marked(model, name, Evidence.INFERRED))
        and not (case.incomplete and case.operation.many and name in PAGING)
        and not (case.operation.name in CSV_READS and name == "format")
    ]
    assert invented == []
    if not case.incomplete:
        assert [name for name in case.schema["properties"] if is_marked(model, name, Evidence.INFERRED)] == []


def test_further_fields_are_taken_exactly_where_the_contract_is_incomplete(case: Case) -> None:
    """An incomplete body, or query where there is no body, takes further fields, with two exceptions.

    Descriptions say so where there is a body; for reads and deletions the server's instructions do.

    A list that has `filters` takes them there. An action that is sent without a body (hold_bill) takes none: what
    the contract lacks are parameters of its query, and its arguments would go into the body.
    """
    fact = case.fact
    filters = "filters" in case.operation.arguments.model_fields
    in_query = fact["method"] in ("GET", "DELETE")
    expected = case.incomplete and not filters and (in_query or fact["body"] is not None)
    assert case.operation.accepts_more is expected
    assert case.operation.description.endswith("(open)") is (expected and not in_query)
    given = {"zzz_further_field": "x"}
    assert case.refused(given) == (set() if expected else set(given))
    if expected:
        request = case.request(**given)
        sent = dict(request.query) if in_query and fact["body"] is None else request.body or {}
        assert sent["zzz_further_field"] == "x"


def test_date_pairs_of_billdiary_are_given_together_or_not_at_all(case: Case) -> None:
    if case.fact["system"] != "billdiary":
        return
    names = {node.name for node in case.query}
    pairs = [(name, name.replace("start", "end")) for name in names if "start" in name]
    assert bool(pairs) == case.operation.many
    for first, last in pairs:
        both = {first: "2026-01-01", last: "2026-01-31"}
        assert both.items() <= dict(case.request(**both).query).items()
        for name in both:
            with pytest.raises(InvalidArgumentsError, match=f"give {first} and {last} together"):
                check(case.operation.arguments, case.least | {name: both[name]})


def plain(schema: Json, *, folded: bool = False) -> Json:
    """A schema without null alternatives and least numbers of items; folded: without what is inside of objects."""
    rest = {key: value for key, value in schema.items() if key not in ("minItems", "anyOf")}
    if "anyOf" in schema:
        branches = [plain(each, folded=folded) for each in schema["anyOf"] if each.get("type") != "null"]
        rest = {**branches[0], **rest} if len(branches) == 1 else {**rest, "anyOf": branches}
    if "items" in rest:
        rest["items"] = plain(rest["items"], folded=folded)
    if "properties" in rest:
        if folded:
            return {key: value for key, value in rest.items() if key not in ("properties", "required")}
        rest["properties"] = {name: plain(each) for name, each in rest["properties"].items()}
    return rest


def test_hosts_list_every_argument_save_those_told_elsewhere(case: Case) -> None:
    model, fold = case.operation.arguments, case.operation.is_update
    listed = listed_schema(model, fold=fold)
    whole = case.schema["properties"]
    unlisted = {name for name in whole if is_marked(model, name, Mark.UNLISTED)}
    assert listed.get("required") == case.schema.get("required")
    assert not unlisted & set(listed.get("required", ()))
    assert set(listed["properties"]) == set(whole) - unlisted
    for name, shown in listed["properties"].items():
        assert plain(shown) == plain(whole[name], folded=fold or is_marked(model, name, Mark.FOLDED)), name
    text = json.dumps(listed)
    assert '"null"' not in text
    assert '"minItems"' not in text


def test_what_hosts_are_not_shown_is_taken_and_sent_all_the_same(case: Case) -> None:
    model = case.operation.arguments
    hidden = [name for name in case.schema["properties"] if is_marked(model, name, Mark.UNLISTED)]
    for name in hidden:
        changed = case.request(**{name: case.some(name)}) != case.request()
        assert changed is not is_marked(model, name, Mark.LOCAL), name
    for name, schema in case.schema["properties"].items():
        if not (is_marked(model, name, Mark.FOLDED) or case.operation.is_update) or is_marked(model, name, Mark.FILE):
            continue
        schema = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
        inside = set(schema.get("items", schema).get("properties", ()))
        if inside:
            one = [each[0] if isinstance(each, list) else each for each in samples(schema) if case.suits(name, each)]
            full = next(each for each in one if set(each) == inside)
            body = case.request(**{name: [full] if "items" in schema else full}).body or {}
            sent = body[wire_name(model, name)]
            assert len(sent[0] if isinstance(sent, list) else sent) == len(inside), name
