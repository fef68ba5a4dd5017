"""The sections of docs/explanation/profiles.md about profiles: those of the frontier, and those that ship."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.attacks.frontier.sweep import BARE, BLOCKS, CODE_HEAD_BYTES, FIELDS, MINHASH, SEGMENT, build
from benchmarks.attacks.pages.result_docs import percent
from benchmarks.pages import markdown_table
from benchmarks.results import read_result
from pseudonym.profile import Profile, load_profile, profile_names

__all__ = ["contents", "fingerprint", "frontier", "readable", "shipped"]

Row = Mapping[str, Any]


def readable(description: str) -> str:
    """Describe a profile of a sweep in words.

    Args:
        description: Blocks joined by `+`.
    """
    return ", ".join(_words(block) for block in description.split("+"))


def _words(block: str) -> str:
    if found := MINHASH.fullmatch(block):
        bands, rows, in_order, by_name = found.groups()
        weights = in_order or (by_name or "").replace(",", ", ").replace("_", " ").replace("=", " × ")
        return f"MinHash {bands} × {rows}" + (f" (weights {weights})" if weights else "")
    if block in BLOCKS:
        return _parts(BLOCKS[block][0])
    if block.startswith("no_") and block[3:] in FIELDS:
        return f"content without {block[3:]}"
    carried = {"bare_exact": "content on MinHash codes only", "bare_minhash": "no content on MinHash codes",
               "bare_all": "no content"}  # fmt: skip
    if found := SEGMENT.fullmatch(block):
        return _segment_words(found)
    return carried.get(block, block)


def _segment_words(found: re.Match[str]) -> str:
    words = {"seg": "names in {} bits", "h": "{} hash functions", "foreign": "foreign number in {} bits",
             "year": "birth year in {} bits"}  # fmt: skip
    return words[found[1]].format(found[2]) if found[1] else "filters half as long"


def _parts(parts: Sequence[str]) -> str:
    """Describe the parts of a combination in words."""
    named = {"sound_pair": "two sounds", "name_sound": "one sound"}
    words = " with ".join(named.get(part, part.replace("_", " ")) for part in parts)
    return words.replace("year with month with day", "birth date") or "none: every record is compared with every other"


def _shipped(description: str) -> str:
    """Return the name of the built-in profile with these match keys, or an empty string."""
    if _content_blocks(description):
        return ""
    keys = _shape(build(description, load_profile("case-registry")))
    return next((name for name in profile_names() if _shape(load_profile(name)) == keys), "")


def _shape(profile: Profile) -> list[dict[str, Any]]:
    return [key.model_dump(exclude={"kind"}) for key in profile.encoding.match_keys]


def _content_blocks(description: str) -> set[str]:
    """Return the blocks that change only contents."""
    return {
        block
        for block in description.split("+")
        if block in BARE or SEGMENT.fullmatch(block) or block.startswith("no_")
    }


def frontier(folder: Path) -> str:
    """Return a table and a plot per population.

    Args:
        folder: Folder of the result files.
    """
    document = read_result("frontier", folder)
    parts = ["The figures are from `benchmarks/results/frontier.json`, whose `command` lists all variants."]
    for name, rows in _by_population(document["figures"]):
        data = rows[0]["data"]
        parts += [
            f"### {name}\n\nRecall and F1 are measured on `{data}`.",
            markdown_table(
                ["match keys", "codes", "bytes", "recall", "F1", "recall, ESSnet", "share rate", "none known", "1 %",
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
            _gain(essnet), percent(row["share_rate"], 0), *_shares(row["re_identified"])]  # fmt: skip


def _gain(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _shares(found: Mapping[str, float]) -> list[str]:
    names = ("unseeded", "1%", "20%", "open 1%", "open 20%")
    return [percent(found[name]) if name in found else "–" for name in names]


def contents(folder: Path) -> str:
    """Compare profiles whose contents are hidden from the attacker with the same profiles with contents.

    Args:
        folder: Folder of the result files.
    """
    figures = read_result("frontier", folder)["figures"]
    thinned = [row for row in figures if _content_blocks(row["profile"])]
    if not thinned:
        return "The result file has no such profile; `frontier --variant …+bare_minhash` measures one."
    bare = {
        "+".join(b for b in row["profile"].split("+") if b not in _content_blocks(row["profile"])) for row in thinned
    }
    rows = [
        [row["name"], readable(row["profile"]), f"{row['bytes_a_record']:,}", _gain(row["gains"][row["data"]]["f1"]),
         percent(row["re_identified"]["1%"]), percent(row["re_identified"]["20%"])]
        for row in figures if row["profile"] in bare or row in thinned
    ]  # fmt: skip
    return markdown_table(["population", "profile", "bytes", "F1", "1 % known", "20 % known"], rows)


def fingerprint(folder: Path) -> str:
    """Return what the edge fingerprint names under profiles that give less away, beside their recall.

    Args:
        folder: Folder of the result files.
    """
    rows = []
    for row in read_result("frontier-edges", folder)["figures"]:
        shipped, found = _shipped(row["profile"]), row["re_identified"]
        name = f"**{readable(row['profile'])}** (`{shipped}`)" if shipped else readable(row["profile"])
        shares = [percent(found[one], 1) for one in ("edges", "upper edges", "edges 20%", "20%")]
        gains = [row["gains"][row["data"]], row["gains"].get("febrl4", {})]
        gain = [_gain(one.get(figure)) for one in gains for figure in ("recall", "f1")]
        rows.append([name, f"{row['bytes_a_record']:,}", percent(row["share_rate"], 0), *shares, *gain])
    header = ["match keys", "bytes", "share rate", "edges", "upper limit", "edges, 20 % known", "known, 20 %",
              "recall", "F1", "recall, FEBRL 4", "F1, FEBRL 4"]  # fmt: skip
    return "\n\n".join(
        [
            "The figures are from `benchmarks/results/frontier-edges.json`, whose `command` lists all variants.",
            markdown_table(header, rows),
        ]
    )


def shipped(folder: Path) -> str:
    """List the built-in profiles with their sizes.

    Args:
        folder: Not used; all sections have the same signature.
    """
    rows = []
    for name in profile_names():
        profile = load_profile(name)
        keys = ", ".join(_key_words(key) for key in _shape(profile))
        codes = profile.encoding.codes_per_record
        size = codes * (CODE_HEAD_BYTES + profile.encoding.content_bytes)
        rows.append([f"`{name}`", keys, str(codes), f"{size:,}", profile.purpose])
    return markdown_table(["profile", "match keys", "codes", "bytes per record", "purpose"], rows)


def _key_words(key: Row) -> str:
    if "bands" in key:
        weights = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in key["weights"].items() if n)
        return f"MinHash {key['bands']} × {key['rows']} ({weights})"
    return _parts(key["parts"])
