"""Read the JSON of documents that people write: strictly, and with errors that show nothing of a wrong file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError

__all__ = ["Flaw", "RefusedMember", "first_flaw", "first_repeat", "reencode"]

Schema = dict[str, Any]


class Flaw(NamedTuple):
    """The first member of a document that is missing, unknown or out of range.

    Attributes:
        member: Its path, such as `items[0].codes`; None for the document as a whole. A member that the document should
            not have is named by the one that contains it: if this is the wrong file, its content must not be shown.
        allowed: What the document may hold there.
    """

    member: str | None
    allowed: str


def reencode(text: str | bytes) -> str | None:
    """Parse JSON, refuse repeated members, and return it as text again; None if it is not valid."""
    try:
        return json.dumps(json.loads(text, object_pairs_hook=_refuse_repeats))
    except (ValueError, RecursionError):
        return None


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("repeated member")
    return members


class RefusedMember(ValueError):
    """What a validator raises for a member that does not fit the others.

    Attributes:
        member: Its path from the object that is validated.
        allowed: What it may hold.
    """

    def __init__(self, member: str, allowed: str) -> None:
        """Store the details; `allowed` is made of constants, and of names in a document that is valid but for this."""
        super().__init__("The member is not allowed.")
        self.member = member
        self.allowed = allowed


def first_repeat(values: Sequence[str]) -> int | None:
    """Return the position of the first value that stands earlier too, or None."""
    seen: set[str] = set()
    for place, value in enumerate(values):
        if value in seen:
            return place
        seen.add(value)
    return None


def first_flaw(error: ValidationError, form: type[BaseModel]) -> Flaw:
    """Return which member of a document is wrong, and what is allowed there.

    Args:
        error: What pydantic found.
        form: The model of the whole document. Where the limits of a member do not speak for themselves, the
            description of its field does.
    """
    first = error.errors(include_input=False, include_url=False)[0]
    schema = form.model_json_schema(mode="validation")
    path, place = _walk(schema, first["loc"])
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, RefusedMember):
        return Flaw(f"{path}.{cause.member}".lstrip("."), cause.allowed)
    if first["type"] == "extra_forbidden":
        return Flaw(path or None, f"no members but {_members(_resolved(place, schema))}")
    required = "required: " if first["type"] == "missing" else ""
    return Flaw(path or None, required + _describe(place, schema))


def _walk(schema: Schema, steps: Sequence[int | str]) -> tuple[str, Schema]:
    """Follow the place of an error as far as the form of the document goes."""
    path, place = "", schema
    for step in steps:
        found = _resolved(place, schema)
        if isinstance(step, int):
            if "items" not in found:
                break
            path, place = f"{path}[{step}]", found["items"]
        elif step in found.get("properties", {}):
            path, place = f"{path}.{step}".lstrip("."), found["properties"][step]
        elif any(_is_named(one, step) for one in found.get("oneOf", [])):
            place = next(one for one in found["oneOf"] if _is_named(one, step))
        else:
            break
    return path, place


def _resolved(place: Schema, schema: Schema) -> Schema:
    """Return the form behind a reference, and of a member that may be null its other form."""
    for one in place.get("allOf", []) + place.get("anyOf", []):
        if one.get("type") != "null":
            return _resolved(one, schema)
    if "$ref" in place:
        return _resolved(schema["$defs"][_name(place)], schema)
    return place


def _name(place: Schema) -> str:
    return str(place.get("$ref", "")).rpartition("/")[2]


def _is_named(place: Schema, name: str) -> bool:
    return _name(place) == name


def _describe(place: Schema, schema: Schema) -> str:
    """Return in words what a member may hold."""
    # The description of a model is its docstring, which is about something else.
    if "description" in place and "properties" not in place:
        return str(place["description"])
    null = " or null" if any(one.get("type") == "null" for one in place.get("anyOf", [])) else ""
    if "oneOf" in place:
        return ", or ".join(_describe(_resolved(one, schema), schema) for one in place["oneOf"])
    found = _resolved(place, schema)
    own_words = "description" in found and "properties" not in found
    return (str(found["description"]) if own_words else _describe_form(found)) + null


def _describe_form(form: Schema) -> str:
    if "const" in form:
        return json.dumps(form["const"])
    if "enum" in form:
        return f"one of {', '.join(json.dumps(value) for value in form['enum'])}"
    if "properties" in form:
        return f"an object with the members {_members(form)}"
    noun, low, high = _NOUNS.get(form.get("type", ""), ("another value", "", ""))
    return noun + _span(form.get(low), form.get(high), _UNITS.get(form.get("type", ""), ""))


_NOUNS: Final = {
    "array": ("a list", "minItems", "maxItems"),
    "boolean": ("true or false", "", ""),
    "integer": ("an integer", "minimum", "maximum"),
    "number": ("a number", "minimum", "maximum"),
    "object": ("an object", "", ""),
    "string": ("text", "minLength", "maxLength"),
}
"""For each type of JSON what it is called, and the names of its limits."""

_UNITS: Final = {"array": " members", "string": " characters"}


def _span(low: float | None, high: float | None, unit: str) -> str:
    if low is None and high is None:
        return ""
    word = " of" if unit else " from"
    if high is None:
        return f"{word} {low} or more{unit}" if unit else f"{word} {low}"
    return f"{word} {low or 0} to {high}{unit}"


def _members(form: Schema) -> str:
    return ", ".join(form.get("properties", {}))
