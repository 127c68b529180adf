"""The pydantic models and operations of an overlay, built when an adopted or amended operation is first called."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Field, WithJsonSchema, create_model

from schemas.common import Arguments, Date, Evidence, Mark, Nested, Number
from schemas.files import FileInput
from tools.catalogue import ADOPTED
from tools.operation import Operation, System, Toolset
from tools.overlay import Adopted, Amendment, NewOperation, placeholders, schema_of

M = TypeVar("M", bound=BaseModel)
_INTEGER = Annotated[int, Field(strict=True, ge=-(2**63), le=2**63 - 1)]
_PLAIN: dict[str, Any] = {
    "string": str,
    "integer": _INTEGER,
    "number": Number,
    "boolean": Annotated[bool, Field(strict=True)],
    "array": list[Any],
    "object": dict[str, Any],
    "file": FileInput,
    "any": Any,
}


class _Arguments(Arguments):
    """Arguments of an adopted operation."""


class _OpenArguments(Arguments, extra="allow"):
    """Arguments of an adopted operation that takes more than is known."""


class _Object(Nested, extra="allow"):
    """An object of which the vendor's file may not tell everything."""


def operation(adopted: NewOperation) -> Operation:
    """An adopted operation, in a toolset of its own."""
    toolset = Toolset(ADOPTED, System.LUMINOUS)
    base = _OpenArguments if adopted.open else _Arguments
    made = Operation(
        name=adopted.name,
        toolset=toolset,
        effect=adopted.effect,
        method=adopted.method,
        path=adopted.path,
        arguments=_model(_camel(adopted.name), base, adopted.description, _fields(adopted.fields, adopted.method)),
        returns=None,
        many=False,
        evidence=Evidence.DOCUMENTED,
        title=adopted.title,
    )
    toolset.operations[made.name] = made
    return made


def amended(declared: Toolset, amendments: Mapping[str, Amendment]) -> Toolset:
    """A declared toolset in which the amended operations stand in the place of the declared."""
    if not amendments.keys() & declared.operations.keys():
        return declared
    toolset = replace(declared, operations={})
    for name, each in declared.operations.items():
        amendment = amendments.get(name)
        standing = each if amendment is None else _amended(each, amendment)
        toolset.operations[name] = replace(standing, toolset=toolset)
    return toolset


def _amended(declared: Operation, amendment: Amendment) -> Operation:
    """A declared operation with what an overlay adds. What it is declared to have stays as it is."""
    known = declared.arguments.model_fields
    new = [each for each in amendment.fields if not each.extends and each.name not in known]
    longer = {
        each.name: _longer(known[each.name], each) for each in amendment.fields if each.extends and each.name in known
    }
    old = declared.arguments
    arguments = _model(old.__name__, old, old.__doc__, {**longer, **_fields(new, declared.method)})
    moved = amendment.path is not None and sorted(placeholders(amendment.path)) == sorted(declared.path_arguments)
    return replace(declared, arguments=arguments, path=amendment.path if moved and amendment.path else declared.path)


def _model(name: str, base: type[M], doc: str | None, fields: dict[str, Any]) -> type[M]:
    made: type[M] = create_model(name, __base__=base, __doc__=doc, **fields)
    return made


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _fields(fields: Iterable[Adopted], method: str) -> dict[str, Any]:
    return {each.name: _field(each, tuple(_marks(each, method))) for each in fields}


def _marks(field: Adopted, method: str) -> Iterable[Mark]:
    if field.nullable:
        yield Mark.NULLABLE
    if field.type == "file":
        yield Mark.FILE
    elif field.place == "body" and method == "DELETE":
        yield Mark.BODY
    elif field.place == "query" and method not in ("GET", "DELETE"):
        yield Mark.QUERY


def _field(field: Adopted, marks: tuple[Mark, ...]) -> tuple[Any, Any]:
    """The annotation and the default of a model's field."""
    made = _type(field)
    if not field.fields:
        made = Annotated[made, WithJsonSchema(schema_of(field))]
    if not field.required or field.nullable:
        made = made | None
    for mark in marks:
        made = Annotated[made, mark]
    alias = field.wire if field.wire != field.name else None
    return made, Field(... if field.required else None, serialization_alias=alias)


def _type(field: Adopted) -> Any:
    kind = field.of if field.type == "array" else field.type
    one: Any = _PLAIN[kind]
    if kind == "object" and field.fields:
        one = _model(_camel(field.name), _Object, None, _inner(field.fields))
    elif field.enum:
        one = Literal[field.enum]
    elif field.format == "date":
        one = Date
    return list[one] if field.type == "array" else one


def _inner(fields: Iterable[Adopted]) -> dict[str, Any]:
    return {each.name: _field(each, ()) for each in fields}


def _longer(info: Any, field: Adopted) -> tuple[Any, Any]:
    """A known field whose object takes further fields."""
    model = _model_in(info.annotation)
    if model is None:
        return info.annotation, info
    new = [each for each in field.fields if each.name not in model.model_fields]
    longer = _model(model.__name__, model, model.__doc__, _inner(new))
    info = copy(info)
    info.annotation = _replaced(info.annotation, model, longer)
    return info.annotation, info


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(each) for each in get_args(annotation))
    return next((each for each in found if each is not None), None)


def _replaced(annotation: Any, model: Any, by: Any) -> Any:
    """The same annotation with another model in it."""
    if annotation is model:
        return by
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[(_replaced(inside[0], model, by), *inside[1:])]
    if origin in (Union, types.UnionType):
        return reduce(or_, (_replaced(each, model, by) for each in inside))
    if origin is list:
        return list[_replaced(inside[0], model, by)]  # type: ignore[misc]
    return annotation
