"""Missed pairs and false links of a run, in plaintext, each with a reason.

For public and fictional data only: the page shows names and numbers side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.attacks.world.recall import records_of_frame
from benchmarks.keys import fixed_key_text
from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.figures.pairs import with_truth
from benchmarks.quality.figures.relatives import relation_of
from benchmarks.quality.run import REGISTRY, met_pairs, run
from benchmarks.quality.studies.alternatives import CLEARLY, Ran, alternatives, could_be, read_run
from benchmarks.quality.studies.field_tables import levels_of, open_profile
from benchmarks.quality.studies.reasons import no_shared_key, status
from linkage.linking.decide import LINK_FROM
from linkage.linking.reasons import REASONS
from linkage.linking.score import log_ratios
from pseudonym.encode import Encoder
from pseudonym.identity.identities import Identity, read_identities
from pseudonym.identity.record import Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import FieldTable, Profile, load_profile

__all__ = ["KINDS", "Errors", "find_errors"]

KINDS: Final = ("missed candidate", "missed decision", "false link")

SHOWN: Final = ("number", "foreign_number", "given_names", "family_names", "birth_date", "sex")

COMPETES: Final = "competition: a record has another partner at that reporter"
CROWDED: Final = "competition: several candidates at that reporter, none of them likely"
HELD_APART: Final = "clustering: other records hold them apart"

NAMED: Final = frozenset(REASONS) - {"", "uncertain", "other records", "other records disagree"}
"""Reasons from the registry that explain more than the odds of a pair."""

SIDES: Final = ("a", "b")

INNER: Final = ("place_a", "place_b", "said", "evidence", "free", "rival")
"""Working columns, not part of the result."""


@dataclass(frozen=True, eq=False)
class Errors:
    """All errors of a run.

    Attributes:
        title: The data set and the profile.
        fields: Names of the compared fields.
        pairs: One row per error: `kind` (of `KINDS`), `reason`, `detail`, `joined` (whether both records are in one
            person found nevertheless), `probability` and `match_weight` (NaN where the registry lists none),
            `reporter_a`, `record_id_a`, …, the plaintext fields `FIELD_a` and `FIELD_b`, and for each field its
            `level FIELD` (-1 absent) and `weight FIELD`, in bits.
        true_pairs: Number of true pairs.
        met: Number of true pairs that were compared.
    """

    title: str
    fields: tuple[str, ...]
    pairs: pd.DataFrame
    true_pairs: int
    met: int

    def counts(self) -> pd.DataFrame:
        """Count the errors by kind and reason, most frequent first, with their median match weight."""
        counts = self.pairs.groupby(["kind", "reason"], sort=False).agg(
            pairs=("kind", "size"), joined=("joined", "sum"), bits=("match_weight", "median")
        )
        return counts.reset_index().sort_values(["kind", "pairs"], ascending=[True, False], kind="stable")


def find_errors(dataset: Dataset, *, profile: str, seed: int, folder: Path) -> Errors:
    """Link a data set and explain every error.

    Args:
        dataset: The data set.
        profile: Name or path of a profile.
        seed: See `benchmarks.quality.run.run`.
        folder: Folder for the files of the run.
    """
    found = run(dataset, profile=profile, seed=seed, keep=folder)
    assert found.persons is not None
    loaded, met = load_profile(profile), met_pairs(folder / REGISTRY, dataset.truth)
    pairs = _with_places(_wrong_pairs(dataset, found.links, met), dataset.truth)
    person = dataset.truth.merge(found.persons, on=["reporter", "record_id"], how="left")["person_id"].to_numpy()
    pairs["joined"] = person[pairs["place_a"]] == person[pairs["place_b"]]
    records = _Records.of(dataset)
    assert loaded.linking is not None
    ran = read_run(folder / REGISTRY)
    tables = ran.model.fields if ran else loaded.linking.fields
    levels = _levels(records, pairs[["place_a", "place_b"]].to_numpy(), loaded, tables)
    if ran:
        # The run compared all codes that two records share, which shows more than one code.
        known, seen = ran.compared(pairs)
        levels[known] = seen
    weights = log_ratios(levels, tables) / np.log(2)
    fields = tuple(table.field for table in tables)
    unlisted = pairs["match_weight"].isna()
    pairs.loc[unlisted, "match_weight"] = weights.sum(axis=1)[unlisted]
    pairs["evidence"] = list(_against(weights, levels, fields))
    _weigh(pairs, levels, weights, ran)
    best = _best(found.links)
    reasons = [_reason(row, records, loaded, best) for row in pairs.to_dict("records")]
    pairs["reason"], pairs["detail"] = zip(*reasons, strict=True) if reasons else ((), ())
    _name_relations(pairs, dataset.truth)
    columns: dict[str, Any] = {}
    for place, field in enumerate(fields):
        columns[f"level {field}"] = levels[:, place]
        columns[f"weight {field}"] = weights[:, place].round(2)
    frame = pd.concat([pairs.reset_index(drop=True), records.plaintext(pairs), pd.DataFrame(columns)], axis=1)
    title = f"{dataset.title}, profile {loaded.name}"
    return Errors(title, fields, frame.drop(columns=list(INNER)), len(met), int(met["met"].sum()))


def _wrong_pairs(dataset: Dataset, links: pd.DataFrame, met: pd.DataFrame) -> pd.DataFrame:
    """Put the three kinds of errors together."""
    ids = ["reporter_a", "record_id_a", "reporter_b", "record_id_b"]
    judged = with_truth(links, dataset.truth)
    listed = judged.set_index(ids)[["match_weight", "probability", "decision", "reason"]].rename(
        columns={"reason": "said"}
    )
    true = _oriented(met).join(listed, on=ids)
    missed = true[~true["met"]].assign(kind=KINDS[0])
    undecided = true[true["met"] & (true["decision"] != "link")].assign(kind=KINDS[1])
    false = judged[(judged["decision"] == "link") & ~judged["correct"].to_numpy(bool)]
    false = false.rename(columns={"reason": "said"}).assign(kind=KINDS[2])
    columns = ["kind", *ids, "match_weight", "probability", "decision", "said"]
    return pd.concat([part[columns] for part in (missed, undecided, false)], ignore_index=True)


def _oriented(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs oriented as in the export: the smaller record, by reporter and id, first."""
    turned = (pairs["reporter_a"] > pairs["reporter_b"]) | (
        (pairs["reporter_a"] == pairs["reporter_b"]) & (pairs["record_id_a"] > pairs["record_id_b"])
    )
    result = pairs.copy()
    for name in ("reporter", "record_id"):
        for side, other in (SIDES, SIDES[::-1]):
            result[f"{name}_{side}"] = pairs[f"{name}_{side}"].where(~turned, pairs[f"{name}_{other}"])
    return result


def _with_places(pairs: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    return with_truth(pairs, truth).drop(columns="correct")


@dataclass(frozen=True, eq=False)
class _Records:
    """The records of a data set in the order of its truth."""

    reporters: NDArray[np.object_]
    rows: list[dict[str, str]]
    records: list[Record]

    @classmethod
    def of(cls, dataset: Dataset) -> _Records:
        found: dict[tuple[str, str], tuple[dict[str, str], Record]] = {}
        for reporter, frame in dataset.reporters.items():
            plain = frame.fillna("").astype(str).to_dict("records")
            for row, record in zip(plain, records_of_frame(frame), strict=True):
                found[reporter, row["record_id"]] = (row, record)
        keys = list(zip(dataset.truth["reporter"], dataset.truth["record_id"], strict=True))
        rows, records = zip(*(found[key] for key in keys), strict=True)
        return cls(dataset.truth["reporter"].to_numpy(object), list(rows), list(records))

    def identities(self, place: int) -> tuple[Identity, ...]:
        record, reporter = self.records[place], self.reporters[place]
        return read_identities(record, row=place, reference_date=date.today(), reporter=reporter)[0]

    def plaintext(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Set the fields of both records side by side, several values of a field in one cell."""
        columns = {
            f"{field}_{side}": [_joined(self.rows[place], field) for place in pairs[f"place_{side}"]]
            for field in SHOWN
            for side in SIDES
        }
        return pd.DataFrame({name: cells for name, cells in columns.items() if any(cells)}, index=range(len(pairs)))


def _joined(row: dict[str, str], field: str) -> str:
    names = [name for name in row if name == field or name.rpartition("_")[0] == field]
    return " | ".join(row[name] for name in names if row[name])


def _levels(
    records: _Records, pairs: NDArray[np.int64], profile: Profile, tables: tuple[FieldTable, ...]
) -> NDArray[np.int8]:
    """Compare pairs by their first identities, as if they shared a match key.

    Under a copy of the profile whose only match key is empty, any two records can be compared.
    """
    wanted = np.unique(pairs)
    opened = open_profile(profile)
    key = LinkageKey.parse(fixed_key_text("errors"))
    content = np.zeros((len(wanted), opened.encoding.content_bytes), np.uint8)
    for reporter in np.unique(records.reporters[wanted].astype(str)):
        here = np.flatnonzero(records.reporters[wanted] == reporter)
        encoder = Encoder(key, reporter=str(reporter), profile=opened, keep_empty=True)
        # Ids may repeat across reporters, and within one that breaks the rules; indices are distinct.
        batches = encoder.batches([records.records[place] for place in wanted[here]])
        content[here] = np.concatenate([batch.codes.content[:, 0] for batch in batches])
    return levels_of(content, np.searchsorted(wanted, pairs), profile=profile, tables=tables)


def _against(weights: NDArray[np.float64], levels: NDArray[np.int8], fields: tuple[str, ...]) -> Iterator[str]:
    """Name the strongest evidence against each pair, or the fields that are missing."""
    for weight, level in zip(weights, levels, strict=True):
        worst = int(weight.argmin()) if len(weight) else 0
        if len(weight) and weight[worst] <= CLEARLY:
            name = fields[worst].replace("_", " ")
            yield f"{name} {'speak' if name.endswith('s') else 'speaks'} against"
        else:
            absent = [field.replace("_", " ") for field, one in zip(fields, level, strict=True) if one < 0]
            yield f"too little evidence: no {', '.join(absent)}" if absent else "too little evidence"


def _weigh(pairs: pd.DataFrame, levels: NDArray[np.int8], weights: NDArray[np.float64], ran: Ran | None) -> None:
    """Add `free`, the log odds without competition, and `rival`, the rival that explains a pair better."""
    pairs["free"], pairs["rival"] = np.nan, ""
    if ran is not None and len(pairs):
        reporters = tuple(pairs[f"reporter_{side}"].tolist() for side in SIDES)
        found = alternatives(levels, (reporters[0], reporters[1]), model=ran.model, strata=ran.strata)
        pairs["free"] = found.free
        pairs["rival"] = list(could_be(found, weights, levels, [table.field for table in ran.model.fields]))


def _best(links: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    """Return the probability of the best pair of each record at each other reporter."""
    best: dict[tuple[str, str, str], float] = {}
    for side, other in (SIDES, SIDES[::-1]):
        keys = zip(links[f"reporter_{side}"], links[f"record_id_{side}"], links[f"reporter_{other}"], strict=True)
        for key, probability in zip(keys, links["probability"], strict=True):
            best[key] = max(best.get(key, 0.0), probability)
    return best


def _reason(
    row: dict[str, Any], records: _Records, profile: Profile, best: dict[tuple[str, str, str], float]
) -> tuple[str, str]:
    """Return the reason under which an error is counted, and further detail."""
    a, b = records.identities(row["place_a"]), records.identities(row["place_b"])
    told = status(a, b)
    if row["kind"] == KINDS[0]:
        return told, no_shared_key(a, b, profile.encoding)
    if row["kind"] == KINDS[2]:
        return told, "joined through other records" if row["probability"] < 0.5 else ""
    if row["said"] in NAMED:
        return f"kept apart: {row['said']}", told
    if row["probability"] >= LINK_FROM:
        return HELD_APART, told
    return _undecided(row, best) or row["evidence"], f"{told}; {row['evidence']}"


def _undecided(row: dict[str, Any], best: dict[tuple[str, str, str], float]) -> str:
    """Return why a compared pair was not linked, if the reason is not in its own fields."""
    # Within a reporter a record may have any number of partners, so nothing competes there.
    if row["reporter_a"] != row["reporter_b"] and row["free"] >= 0:
        own = [(row["reporter_a"], row["record_id_a"], row["reporter_b"])]
        own += [(row["reporter_b"], row["record_id_b"], row["reporter_a"])]
        return COMPETES if any(best.get(key, 0.0) >= LINK_FROM for key in own) else CROWDED
    return str(row["rival"])


def _name_relations(pairs: pd.DataFrame, truth: pd.DataFrame) -> None:
    """Add to false links whether the two are twins, siblings or of one household, if the truth says so."""
    false = pairs["kind"] == KINDS[2]
    if {"household", "twin", "child"} <= set(truth.columns) and false.any():
        places = (pairs.loc[false, f"place_{side}"].to_numpy() for side in SIDES)
        pairs.loc[false, "reason"] = relation_of(truth, *places) + ": " + pairs.loc[false, "reason"]
