"""The generated parts of docs/threat-model.md and docs/explanation/profiles.md, from the result files and nothing else.

A part stands between `<!-- attacks:NAME:begin -->` and `<!-- attacks:NAME:end -->`; `python -m benchmarks.attacks docs`
writes all of them anew, and a test holds the documents against what it writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.attacks.sweep import BARE, BLOCKS, FIELDS, MINHASH, build
from benchmarks.results import RESULTS
from pseudonym.profile import Profile, load_profile, profile_names

__all__ = ["PARTS", "begin", "end", "filled", "write_docs"]

ROOT: Final = Path(__file__).parents[2]
PROFILES: Final = ROOT / "docs" / "explanation" / "profiles.md"
THREATS: Final = ROOT / "docs" / "threat-model.md"
GATED: Final = ("case-registry", "population")
CODE_HEAD_BYTES: Final = 17

Row = Mapping[str, Any]


def begin(part: str) -> str:
    """Return the mark before a part."""
    return f"<!-- attacks:{part}:begin -->"


def end(part: str) -> str:
    """Return the mark after a part."""
    return f"<!-- attacks:{part}:end -->"


def _result(name: str, folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def _percent(share: float, places: int = 2) -> str:
    return f"{100 * share:.{places}f} %"


def _table(headers: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(headers)} |", "|" + "---|" * len(headers)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


# The frontier.


def readable(description: str) -> str:
    """Say a description of a sweep in words.

    Args:
        description: Blocks joined by `+`.
    """
    return ", ".join(_words(block) for block in description.split("+"))


def _words(block: str) -> str:
    if found := MINHASH.fullmatch(block):
        bands, rows, in_order, by_name = found.groups()
        said = in_order or (by_name or "").replace(",", ", ").replace("_", " ").replace("=", " × ")
        return f"MinHash {bands} × {rows}" + (f" (weights {said})" if said else "")
    if block in BLOCKS:
        return _parts(BLOCKS[block][0])
    if block.startswith("no_") and block[3:] in FIELDS:
        return f"content without {block[3:]}"
    carried = {"bare_exact": "content on MinHash codes only", "bare_minhash": "no content on MinHash codes",
               "bare_all": "no content"}  # fmt: skip
    return carried.get(block, block)


def _parts(parts: Sequence[str]) -> str:
    """Say the parts of a combination."""
    named = {"sound_pair": "two sounds", "name_sound": "one sound"}
    said = " with ".join(named.get(part, part.replace("_", " ")) for part in parts)
    return said.replace("year with month with day", "birth date") or "none: all are compared with all"


def _shipped(description: str) -> str:
    """Name the profile that ships with these match keys, if there is one."""
    if _content_blocks(description):
        return ""
    keys = _shape(build(description, load_profile("case-registry")))
    return next((name for name in profile_names() if _shape(load_profile(name)) == keys), "")


def _shape(profile: Profile) -> list[dict[str, Any]]:
    return [key.model_dump(exclude={"kind"}) for key in profile.encoding.match_keys]


def _content_blocks(description: str) -> set[str]:
    """List the blocks that change nothing but contents."""
    return {block for block in description.split("+") if block in BARE or block.startswith(("no_", "seg"))}


def frontier(folder: Path) -> str:
    """Return a table and a plot a population.

    Args:
        folder: Where the result files lie.
    """
    document = _result("frontier", folder)
    parts = ["Measured by `benchmarks/results/frontier.json`, whose `command` names all variants."]
    for name, rows in _by_population(document["figures"]):
        data = rows[0]["data"]
        parts += [
            f"### {name}\n\nRecall and F1 are those on `{data}`.",
            _table(
                ["match keys", "codes", "bytes", "recall", "F1", "recall, ESSnet", "share rate", "nobody known", "1 %",
                 "20 %", "open, 1 %", "open, 20 %"],
                [_frontier_row(row) for row in rows if not _content_blocks(row["profile"])],
            ),
            f"![Recall and F1 against re-identification and share rate, {name}](frontier-{name}.svg)",
        ]  # fmt: skip
    return "\n\n".join(parts)


def _by_population(rows: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name in dict.fromkeys(row["name"] for row in rows):
        yield name, [row for row in rows if row["name"] == name]


def _frontier_row(row: Row) -> list[str]:
    shipped = _shipped(row["profile"])
    name = f"**{readable(row['profile'])}** (`{shipped}`)" if shipped else readable(row["profile"])
    gain = row["gains"][row["data"]]
    essnet = row["gains"].get("essnet", {}).get("recall")
    return [name, str(row["codes"]), f"{row['bytes_a_record']:,}", _gain(gain["recall"]), _gain(gain["f1"]),
            _gain(essnet), _percent(row["share_rate"], 0), *_shares(row["re_identified"])]  # fmt: skip


def _gain(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _shares(found: Mapping[str, float]) -> list[str]:
    names = ("unseeded", "1%", "20%", "open 1%", "open 20%")
    return [_percent(found[name]) if name in found else "–" for name in names]


def contents(folder: Path) -> str:
    """Say what hiding contents from the attacker would buy, each beside the profile with its contents.

    Args:
        folder: Where the result files lie.
    """
    figures = _result("frontier", folder)["figures"]
    thinned = [row for row in figures if _content_blocks(row["profile"])]
    if not thinned:
        return "The present result file has no such profile; `frontier --variant …+bare_minhash` measures one."
    bare = {
        "+".join(b for b in row["profile"].split("+") if b not in _content_blocks(row["profile"])) for row in thinned
    }
    rows = [
        [row["name"], readable(row["profile"]), f"{row['bytes_a_record']:,}", _gain(row["gains"][row["data"]]["f1"]),
         _percent(row["re_identified"]["1%"]), _percent(row["re_identified"]["20%"])]
        for row in figures if row["profile"] in bare or row in thinned
    ]  # fmt: skip
    return _table(["population", "profile", "bytes", "F1", "1 % known", "20 % known"], rows)


# The profiles that ship, and their gates.


def shipped(folder: Path) -> str:
    """List the profiles that ship with their sizes.

    Args:
        folder: Not needed; all parts are made alike.
    """
    rows = []
    for name in profile_names():
        profile = load_profile(name)
        keys = ", ".join(_key_words(key) for key in _shape(profile))
        codes = profile.encoding.codes_per_record
        size = codes * (CODE_HEAD_BYTES + profile.encoding.content_bytes)
        rows.append([f"`{name}`", keys, str(codes), f"{size:,}", profile.purpose])
    return _table(["profile", "match keys", "codes", "bytes a record", "for"], rows)


def _key_words(key: Row) -> str:
    if "bands" in key:
        weights = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in key["weights"].items() if n)
        return f"MinHash {key['bands']} × {key['rows']} ({weights})"
    return _parts(key["parts"])


def gates(folder: Path) -> str:
    """Return the verdicts of each profile with gates.

    Args:
        folder: Where the result files lie.
    """
    parts = []
    for name in GATED:
        figures = _result(f"attacks-{name}", folder)["figures"]
        verdicts = figures["verdicts"]
        rows = [
            [one["gate"].replace("%", " %"), "" if one["figure"] is None else _percent(one["figure"]), one["state"]]
            for one in verdicts
        ]
        missed = sum(one["state"] == "missed" for one in verdicts)
        parts += [
            f"`{name}`, from `benchmarks/results/attacks-{name}.json`: "
            + (f"{missed} of {len(verdicts)} gates are missed." if missed else "no gate is missed."),
            _table(["gate", "figure", "verdict"], rows),
            _quality(figures["rows"]),
        ]
    return "\n\n".join(parts)


def _quality(rows: list[dict[str, Any]]) -> str:
    found = [row for row in rows if row["attack"] == "quality"]
    return _table(
        ["data", "candidate recall", "F1"],
        [[row["title"], _gain(row["candidate_recall"]), _gain(row["f1"])] for row in found],
    )


# The threat model.


def attacks(folder: Path) -> str:
    """Return what the attacks found of each profile, with controls and facts.

    Args:
        folder: Where the result files lie.
    """
    parts = []
    for name in GATED:
        document = _result(f"attacks-{name}", folder)
        figures = document["figures"]
        rows = [row for row in figures["rows"] if row["attack"] != "quality"]
        parts += [
            f"### {name}\n\n`{document['command']}`; the file is `benchmarks/results/attacks-{name}.json`.",
            _table(
                ["attack", "named rightly", "upper limit", "of those who share", "siblings", "twins", "1 January",
                 "of the 50 boldest right", "chance", "share rate"],
                [_attack_row(row) for row in rows],
            ),
            _controls(figures["controls"]),
        ]  # fmt: skip
    return "\n\n".join([*parts, _keyholder(folder)])


def _attack_row(row: Row) -> list[str]:
    def of(group: str) -> str:
        return _percent(row["groups"][group]["re_identified"]) if group in row["groups"] else "–"

    return [
        row["title"].replace("%", " %"), _percent(row["re_identified"]), _percent(row["upper_limit"]),
        *(of(group) for group in ("sharing", "siblings", "twins", "1 January")),
        _percent(row["top_precision"], 0), _percent(row["chance"], 3), _percent(row["share_rate"], 0),
    ]  # fmt: skip


def _controls(controls: list[dict[str, Any]]) -> str:
    said = [
        f"{one['name']} {_percent(one['weak'], 1)}"
        + ("" if one["strong"] is None else f" (where it is as it should be, {_percent(one['strong'], 1)})")
        for one in controls
    ]
    works = all(one["works"] for one in controls)
    return f"Controls of the same run: {'; '.join(said)}. " + ("The attacks work." if works else "An attack is BROKEN.")


def _keyholder(folder: Path) -> str:
    fact = _result(f"attacks-{GATED[0]}", folder)["figures"]["facts"]["keyholder"]
    return (
        f"Whoever holds the linkage key and the codes tries all {fact['numbers_in_question']:,} numbers in "
        f"{fact['seconds_for_all'] / 60:.0f} minutes on one core, and finds {fact['found']}."
    )


PARTS: Final[dict[Path, dict[str, Callable[[Path], str]]]] = {
    PROFILES: {"frontier": frontier, "contents": contents, "shipped": shipped, "gates": gates},
    THREATS: {"attacks": attacks},
}
"""The generated parts by document."""


def filled(document: Path, folder: Path = RESULTS) -> str:
    """Return the text of a document with its parts made anew.

    Args:
        document: One of `PARTS`.
        folder: Where the result files lie.

    Raises:
        ValueError: A mark is missing, or stands there twice.
    """
    text = document.read_text(encoding="utf-8")
    for part, make in PARTS[document].items():
        held = re.compile(f"(?<={re.escape(begin(part))}\n).*?(?={re.escape(end(part))})", re.DOTALL)
        if len(held.findall(text)) != 1:
            raise ValueError("a mark of a generated part is missing or repeated")
        made = make(folder)
        text = held.sub(lambda _, made=made: f"{made}\n", text)
    return text


def write_docs(folder: Path = RESULTS) -> list[Path]:
    """Write all generated parts and the plots beside them.

    Args:
        folder: Where the result files lie.

    Returns:
        The files that were written.
    """
    from benchmarks.attacks.plots import draw  # It brings matplotlib.

    for document in PARTS:
        document.write_text(filled(document, folder), encoding="utf-8", newline="\n")
    return [*PARTS, *draw(_result("frontier", folder)["figures"], PROFILES.parent)]
