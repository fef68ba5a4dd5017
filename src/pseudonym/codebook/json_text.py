"""Read the JSON of documents that people write: strictly, and with errors that show nothing of a wrong file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

__all__ = ["first_fault", "reencode"]


def reencode(text: str | bytes) -> str | None:
    """Parse JSON, refuse repeated members, and return it as text again; None if it is not valid."""
    try:
        return json.dumps(json.loads(text, object_pairs_hook=_refuse_repeats))
    except (ValueError, RecursionError):
        return None


def first_fault(error: ValidationError, models: Iterable[type[BaseModel]]) -> str:
    """Return the path of the first invalid member.

    Args:
        error: What pydantic found.
        models: The models of the document. Names of other members are left out: if this is the wrong file, its content
            must not be shown.
    """
    fields = [(name, field.alias) for model in models for name, field in model.model_fields.items()]
    known = {alias or name for name, alias in fields}
    steps = error.errors(include_input=False)[0]["loc"]
    return ".".join(str(step) for step in steps if isinstance(step, int) or step in known)


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("repeated member")
    return members
