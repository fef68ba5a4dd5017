"""Make the codebook `case-registry` and the pages that describe it: `python -m tools.make_codebook [--check]`.

The content is in `tools/codebook/`, in files to be edited by hand: `document.toml` has the head, the legal bases, and
the reasons for what is sent finer than to the month and in bands of ages, if there are any; the parts named there have
the items, `groupings.toml` has the groupings, `synonyms.toml` has what else is written for codes, and `countries.csv`
and `municipalities.csv` have the long lists. Lists that several items share stand once, so they cannot come to differ.

Sources: countries and their codes of two and three letters from ISO 3166-1, with Kosovo as XK; their names from the
Unicode CLDR; regions from the United Nations' standard M49; municipalities, counties and their codes from Statistics
Sweden.

With `--check` nothing is written, and the exit status is 1 if a committed file differs.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.pages import markdown_table, replace_section

__all__ = ["main", "make_document", "make_pages", "write_json"]

Part = dict[str, Any]
"""A part of a document, as TOML and JSON have it."""

ROOT: Final = Path(__file__).resolve().parent.parent
CONTENT: Final = ROOT / "tools" / "codebook"
SHIPPED: Final = ROOT / "src" / "pseudonym" / "codebooks" / "case-registry.json"
DEPTHS: Final = {"en": 4, "sv": 3}
"""Level of the heading over an item: the English page has other parts beside the list."""
PAGES: Final = {"en": ROOT / "docs" / "reference" / "codebook.md", "sv": ROOT / "docs" / "reference" / "kodbok.md"}

FORMAT: Final = "pseudonym-codebook/2"
LANGUAGES: Final = ("sv", "en")

MAX_CODES: Final = 40
"""An item with more codes is listed without them: municipalities and countries are known."""

WORDS: Final = {
    "en": {
        "item": "Item",
        "label": "Label",
        "definition": "Definition",
        "many": "Several codes",
        "n_codes": "Codes",
        "code": "Code",
        "yes": "yes",
        "no": "no",
        "purpose": "Purpose",
        "basis": "Legal basis",
        "from": "from {day}",
        "to": "until {day}",
        "shared": "The codes are those of `{item}`.",
        "long": "{n} codes that need no definition, from {first} to {last}, and:",
        "age_at_event": "Where the input has no column for it, it is computed from the birth date and the event date.",
        "sex": "Where the input has no column for it, it is taken from the column `sex`.",
        "grouping": "Grouping",
        "groups": "Groups",
        "coarse": "Nothing: all dates are sent to the month, and all ages in bands.",
    },
    "sv": {
        "item": "Variabel",
        "label": "Benämning",
        "definition": "Definition",
        "many": "Flera koder",
        "n_codes": "Koder",
        "code": "Kod",
        "yes": "ja",
        "no": "nej",
        "purpose": "Ändamål",
        "basis": "Rättslig grund",
        "from": "från och med {day}",
        "to": "till och med {day}",
        "shared": "Koderna är desamma som för `{item}`.",
        "long": "{n} koder utan egen definition, från {first} till {last}, samt:",
        "age_at_event": "Saknar filen en kolumn för variabeln räknas den ut ur födelsedatum och händelsedatum.",
        "sex": "Saknar filen en kolumn för variabeln tas den ur kolumnen `sex`.",
        "grouping": "Gruppering",
        "groups": "Grupper",
        "coarse": "Ingenting: alla datum lämnas med månad och alla åldrar i grupper.",
    },
}


def make_document() -> Part:
    """Put the parts together into one codebook document."""
    head = _read_toml("document")
    parts = [_read_toml(name) for name in head["parts"]]
    lists = _read_lists(parts)
    items = [
        _make_item(name, entry, head["bases"], lists)
        for part in parts
        for name, entry in part.items()
        if name != "lists"
    ]
    return {
        "format": FORMAT,
        "name": head["name"],
        "version": head["version"],
        "title": _texts(head["title"]),
        "items": items,
        "groupings": list(_make_groupings(_read_toml("groupings")["groupings"], items)),
        **_make_finer(head.get("finer", {})),
        "synonyms": list(_make_synonyms(_read_toml("synonyms")["synonyms"], parts, items)),
    }


def write_json(document: Part) -> str:
    """Return a document as the text of the file that ships."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def make_pages(document: Part) -> dict[Path, str]:
    """Return the pages about a document, keyed by path, with their generated sections renewed.

    Args:
        document: The codebook document.

    Returns:
        The text of each page.
    """
    pages = {}
    for language, path in PAGES.items():
        text = path.read_text(encoding="utf-8")
        text = replace_section(text, "codebook:items", _item_table(document, language))
        text = replace_section(text, "codebook:groupings", _grouping_table(document, language))
        text = replace_section(text, "codebook:finer", _finer_list(document, language))
        text = replace_section(text, "codebook:bases", _basis_table(document, language))
        pages[path] = replace_section(text, "codebook:codes", _code_sections(document, language))
    return pages


def _read_toml(name: str) -> Part:
    return tomllib.loads((CONTENT / f"{name}.toml").read_text(encoding="utf-8"))


def _read_csv(name: str) -> list[dict[str, str]]:
    with (CONTENT / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _read_lists(parts: Iterable[Part]) -> dict[str, list[Part]]:
    """Read the code lists that items share, keyed by name."""
    lists = {
        "countries": [_make_code(row["code"], row) for row in _read_csv("countries")],
        "municipalities": [
            _make_code(row["code"], {**row, "sv": row["name"], "en": row["name"]})
            for row in _read_csv("municipalities")
        ],
    }
    for part in parts:
        for name, codes in part.get("lists", {}).items():
            lists[name] = [_make_code(code, entry) for code, entry in codes.items()]
    return lists


def _make_item(name: str, entry: Part, bases: Part, lists: Mapping[str, list[Part]]) -> Part:
    """Make one item: the codes of its list, if it has one, and then its own."""
    shared = lists[entry["list"]] if "list" in entry else []
    own = [_make_code(code, described) for code, described in entry.get("codes", {}).items()]
    derived = {"derive": entry["derive"]} if "derive" in entry else {}
    return {
        "name": name,
        "label": _texts(entry["label"]),
        "definition": _texts(entry["definition"]),
        "purpose": _texts(entry["purpose"]),
        "basis": _make_basis(entry, bases[entry["basis"]]),
        "many": entry.get("many", False),
        "codes": [*shared, *own],
        **derived,
    }


def _make_basis(entry: Part, basis: Part) -> Part:
    """Fill in what an item reveals, and add its note."""
    made = {}
    for language in LANGUAGES:
        text = basis[language].format(reveals=entry.get("reveals", {}).get(language))
        note = entry.get("basis_note", {}).get(language)
        made[language] = f"{text} {note}" if note else text
    return made


def _make_code(code: str, entry: Mapping[str, Any]) -> Part:
    first, last = [*entry.get("years", ()), None, None][:2]
    years = {} if first is None else {"years": {"first": first, "last": last}}
    return {
        "code": code,
        "label": _texts(entry),
        "definition": _texts(entry["definition"]) if "definition" in entry else None,
        # TOML has dates, and a table of texts has an empty cell where there is none.
        "valid_from": str(entry.get("valid_from") or "") or None,
        "valid_to": str(entry.get("valid_to") or "") or None,
        **years,
    }


def _texts(entry: Mapping[str, Any]) -> Part:
    return {language: entry[language] for language in LANGUAGES}


def _make_finer(reasons: Mapping[str, Part]) -> Part:
    """Make the member `finer`, which a document has only if anything is sent finer."""
    finer = [{"name": name, "reason": _texts(reason)} for name, reason in reasons.items()]
    return {"finer": finer} if finer else {}


def _make_groupings(groupings: Part, items: Iterable[Part]) -> Iterator[Part]:
    """Make one grouping for each item that a grouping is defined for."""
    by_name = {item["name"]: item for item in items}
    regions = {row["code"]: row["region"] for row in _read_csv("countries")}
    for entry in groupings.values():
        for item, name in entry["items"].items():
            codes = [code["code"] for code in by_name[item]["codes"]]
            groups = [_make_group(group, made, codes, regions) for group, made in entry["groups"].items()]
            filled = [group for group in groups if group["codes"]]
            yield {"name": name, "item": item, "label": _texts(entry), "groups": filled}


def _make_group(group: str, entry: Part, codes: Iterable[str], regions: Mapping[str, str]) -> Part:
    """Make one group of those codes of an item that it names, by code, prefix or region."""
    return {
        "group": group,
        "label": _texts(entry),
        "codes": [
            code
            for code in codes
            if code in entry.get("codes", ())
            or (code.isdigit() and code[:2] in entry.get("prefixes", ()))
            or (entry.get("region", False) and regions.get(code) == group)
        ],
    }


def _make_synonyms(synonyms: Iterable[Part], parts: Iterable[Part], items: Iterable[Part]) -> Iterator[Part]:
    """Make the synonyms of each list and of items, with a column of the table of a list."""
    lists = {name: entry.get("list") for part in parts for name, entry in part.items() if name != "lists"}
    codes_of = {item["name"]: {code["code"] for code in item["codes"]} for item in items}
    for one in synonyms:
        if "items" in one:
            users = one["items"]
        elif "list" in one:
            users = [name for name, used in lists.items() if used == one["list"]]
        else:
            users = [name for name, known in codes_of.items() if known >= one["codes"].keys()]
        column = {row["code"]: [row[one["column"]]] for row in _read_csv(one["list"])} if "column" in one else {}
        codes = {code: [text for text in texts if text] for code, texts in column.items()}
        for code, texts in one.get("codes", {}).items():
            codes[code] = [*codes.get(code, ()), *texts]
        filled = {code: texts for code, texts in codes.items() if texts}
        yield {"items": users, "codes": filled, "endings": one.get("endings", [])}


def _item_table(document: Part, language: str) -> str:
    """Return the table of items."""
    words = WORDS[language]
    rows = [
        (
            f"[`{item['name']}`](#{item['name']})",
            item["label"][language],
            words["yes" if item["many"] else "no"],
            str(len(item["codes"])),
        )
        for item in document["items"]
    ]
    return markdown_table([words["item"], words["label"], words["many"], words["n_codes"]], rows, "lllr")


def _grouping_table(document: Part, language: str) -> str:
    """Return the table of groupings."""
    words = WORDS[language]
    rows = [
        (
            f"`{grouping['name']}`",
            f"`{grouping['item']}`",
            grouping["label"][language],
            "; ".join(group["label"][language] for group in grouping["groups"]),
        )
        for grouping in document["groupings"]
    ]
    return markdown_table([words["grouping"], words["item"], words["label"], words["groups"]], rows)


def _finer_list(document: Part, language: str) -> str:
    """Return what is sent finer than to the month and in bands of ages, with the reasons."""
    finer = [f"- `{one['name']}`: {one['reason'][language]}" for one in document.get("finer", ())]
    return "\n".join(finer) or WORDS[language]["coarse"]


def _basis_table(document: Part, language: str) -> str:
    """Return the table of legal bases, with the items that share each."""
    words = WORDS[language]
    items: dict[str, list[str]] = {}
    for item in document["items"]:
        items.setdefault(item["basis"][language], []).append(f"`{item['name']}`")
    return markdown_table([words["item"], words["basis"]], [(", ".join(names), text) for text, names in items.items()])


def _code_sections(document: Part, language: str) -> str:
    """Return one section per item: definition, purpose and codes."""
    listed: dict[str, str] = {}
    return "\n\n".join(_section(item, language, listed) for item in document["items"])


def _section(item: Part, language: str, listed: dict[str, str]) -> str:
    words = WORDS[language]
    paragraphs = [
        f"{'#' * DEPTHS[language]} {item['name']}",
        f"**{item['label'][language]}.** {item['definition'][language]}",
        f"{words['purpose']}: {item['purpose'][language]}",
        *([words[item["derive"]]] if "derive" in item else []),
    ]
    key = repr(item["codes"])
    if key in listed:
        paragraphs.append(words["shared"].format(item=listed[key]))
    else:
        listed[key] = item["name"]
        paragraphs.append(_codes(item["codes"], language))
    return "\n\n".join(paragraphs)


def _codes(codes: list[Part], language: str) -> str:
    """Return the table of codes; of a long list, only those with a definition."""
    words = WORDS[language]
    table = markdown_table(
        [words["code"], words["label"], words["definition"]],
        _rows(codes if len(codes) <= MAX_CODES else [code for code in codes if code["definition"]], language),
    )
    if len(codes) <= MAX_CODES:
        return table
    names = [f"`{code['code']}` ({code['label'][language]})" for code in codes if not code["definition"]]
    return f"{words['long'].format(n=len(names), first=names[0], last=names[-1])}\n\n{table}"


def _rows(codes: Iterable[Part], language: str) -> list[tuple[str, str, str]]:
    return [
        (
            f"`{code['code']}`",
            " ".join([code["label"][language], *_validity(code, language)]),
            (code["definition"] or {}).get(language, ""),
        )
        for code in codes
    ]


def _validity(code: Part, language: str) -> list[str]:
    words = WORDS[language]
    days = [words[end].format(day=code[f"valid_{end}"]) for end in ("from", "to") if code[f"valid_{end}"]]
    return [f"({', '.join(days)})"] if days else []


def main(arguments: list[str]) -> int:
    """Write the codebook and its pages, or compare them with the committed ones."""
    parser = argparse.ArgumentParser(description="Make the codebook case-registry and the pages that describe it.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if a committed file differs")
    check = parser.parse_args(arguments).check
    document = make_document()
    made = {SHIPPED: write_json(document), **make_pages(document)}
    changed = {path: text for path, text in made.items() if path.read_text(encoding="utf-8") != text}
    if check:
        return 1 if changed else 0
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
