"""Attribute rules: which value a person has if several reports give several.

A rule narrows the reports of a person, one criterion after the other, until all that are left give the same answer.
Which rule holds for which item stands in a document, so that whoever counts can choose it and readers can see it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

import rfc8785
from pydantic import Field, ValidationError, model_validator

from linkage.errors import SettingsError
from pseudonym.codebook.parts import BookName, BookVersion, CodeText, Document, Label, NameText
from pseudonym.documents import read_file
from pseudonym.json_text import RefusedMember, first_flaw, first_repeat, reencode
from pseudonym.unreadable import why_unreadable

__all__ = ["AttributeRule", "AttributeRules", "default_rules", "load_form", "load_rules"]

Criterion = Literal["known", "victim", "earliest", "latest", "reporter", "code", "narrowest", "most"]

_SAID: Final[dict[Criterion, str]] = {
    "known": "known before unknown",
    "victim": "records as a victim first",
    "earliest": "earliest event",
    "latest": "latest event",
    "reporter": "reporters in the order given",
    "code": "codes in the order given",
    "narrowest": "narrowest span of ages",
    "most": "what most records say",
}

_VALUES: Final = {
    "one": "one value",
    "record": "all codes of one record",
    "all": "every code that a record gives",
}

_Form = TypeVar("_Form", bound=Document)


class AttributeRule(Document):
    """How one item of a person is chosen.

    Attributes:
        prefer: What decides, the first criterion first; a later one only among records that the earlier ones leave. If
            none decides, the order of the codes in the codebook does.
        values: `one`: the answer of the record that is left, and `several` if it has more than one code; `record`: all
            its codes; `all`: every known code that any record gives.
        records: `period`: only records of the period that is counted; `all`: all records of the person.
        reporters: For the criterion `reporter`, whose answers are preferred, the first one first.
        codes: For the criterion `code`, which codes are preferred.
    """

    prefer: tuple[Criterion, ...]
    values: Literal["one", "record", "all"]
    records: Literal["period", "all"] = "period"
    reporters: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = ()
    codes: tuple[CodeText, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        place = first_repeat(self.prefer)
        if place is not None:
            raise RefusedMember(f"prefer[{place}]", "a criterion that does not stand earlier")
        for criterion, given in (("reporter", self.reporters), ("code", self.codes)):
            if (criterion in self.prefer) != bool(given):
                raise RefusedMember(f"{criterion}s", f"members exactly if prefer has {criterion}")
        return self

    def said(self) -> str:
        """Return the rule in words."""
        steps = [self._step(one) for one in self.prefer if self.values != "all" or one == "known"]
        scope = "all records" if self.records == "all" else "records of the period"
        return f"{_VALUES[self.values]}; {scope}; {', '.join(steps) or 'order of the codebook'}"

    def _step(self, criterion: Criterion) -> str:
        given = {"reporter": self.reporters, "code": self.codes}.get(criterion)
        return f"{_SAID[criterion]} ({', '.join(given)})" if given else _SAID[criterion]


class AttributeRules(Document):
    """One document of attribute rules.

    Attributes:
        format: The version of this form.
        name: Its name.
        version: Its version.
        title: What it is for.
        unknown: The codes that stand for an unknown value, in any item.
        items_of_one_code: The rule for items of which a record has one code.
        items_of_several_codes: The rule for the others.
        items: Rules for items that need another one, by name; also for `role`, `status` and `case_state`.
    """

    format: Literal["linkage-attribute-rules/1"]
    name: BookName
    version: BookVersion
    title: Label
    unknown: tuple[CodeText, ...]
    items_of_one_code: AttributeRule
    items_of_several_codes: AttributeRule
    items: dict[NameText, AttributeRule]

    def rule_of(self, item: str, *, many: bool) -> AttributeRule:
        """Return the rule of an item.

        Args:
            item: Its name.
            many: Whether a record may have several of its codes.
        """
        return self.items.get(item, self.items_of_several_codes if many else self.items_of_one_code)

    @cached_property
    def digest(self) -> str:
        """Its digest as 64 hexadecimal digits, whatever its white space and the order of its members."""
        return _digest(self.model_dump(mode="json"))

    @property
    def title_text(self) -> str:
        """Name, version and the first digits of its digest."""
        return f"{self.name} {self.version} ({self.digest[:8]})"


def _digest(members: Mapping[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(dict(members))).hexdigest()


def default_rules() -> AttributeRules:
    """Return the rules that ship with the library."""
    text = resources.files("linkage.counting").joinpath("rules.json").read_text(encoding="utf-8")
    return AttributeRules.model_validate_json(text)


def load_rules(path: str | Path) -> AttributeRules:
    """Read attribute rules from a file.

    Args:
        path: A JSON file (docs/how-to/count.md has the form).

    Raises:
        SettingsError: As for `load_form`, with `rules` in the names of the rules.
    """
    return load_form(path, AttributeRules, "rules")


def load_form(path: str | Path, form: type[_Form], noun: str) -> _Form:
    """Read a JSON document of a form from a file.

    Args:
        path: The file, of at most 4 MiB.
        form: Its form.
        noun: What errors call it, `rules` or `definition`.

    Returns:
        The document.

    Raises:
        SettingsError: `NOUN.unreadable` if the file cannot be read, `NOUN.json` if it is not JSON or contains a member
            twice, `NOUN.form` if a member is missing, unknown or out of range: its path is the attribute `field`.
    """
    data = read_file(path)
    if data is None:
        why = why_unreadable(path)
        raise SettingsError(f"{noun}.unreadable", why.message, hint=why.hint, path=Path(path))
    # The parsers' exceptions contain the text, so they are not chained: it may be the wrong file.
    plain = reencode(data)
    if plain is None:
        message = "The file is not a JSON document of at most 4 MiB, or contains a member twice."
        raise SettingsError(f"{noun}.json", message, path=Path(path), hint="docs/how-to/count.md has the form.")
    try:
        return form.model_validate_json(plain)
    except ValidationError as error:
        flaw = first_flaw(error, form)
    raise SettingsError(
        f"{noun}.form",
        "A member of the file is missing, unknown or out of range.",
        hint="docs/how-to/count.md has the form.",
        path=Path(path),
        field=flaw.member,
        allowed=flaw.allowed,
    )
