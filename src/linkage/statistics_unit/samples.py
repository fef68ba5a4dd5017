"""Samples of records of a registry, as programs use them: draw one, write its questions, take its answers."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting import SampleStatus, SampleStrata, draw_sample, missing_joins, needed
from linkage.counting.sampling import STRATUM_NAMES
from linkage.errors import SampleError
from linkage.intake.sample_file import Answer, read_answers, rows_of_answers
from linkage.messages.labels import unpacked
from linkage.progress import now
from linkage.statistics_unit.never_met import LINKED, read_never_met, strata_of
from linkage.statistics_unit.queries import check_linked
from linkage.store import Session, Store

__all__ = ["Samples"]

_LAST: Final = "SELECT sample, drawn_at, run, answered_at FROM samples ORDER BY sample DESC LIMIT 1"
_QUESTIONS: Final = "SELECT question, rid FROM sampled WHERE sample = ? ORDER BY question"
_COUNTS: Final = "SELECT count(*), count(missing), coalesce(sum(missing > 0), 0)::BIGINT FROM sampled WHERE sample = ?"
_WRONG: Final = """
SELECT field, count(*) FROM (SELECT DISTINCT rid, unnest(wrong_fields) AS field FROM sample_answers WHERE sample = ?)
GROUP BY field ORDER BY field
"""
_STRATA: Final = "SELECT stratum, n_records, n_drawn FROM sample_strata WHERE sample = ? ORDER BY rowid"


class Samples:
    """Samples of records about which reporters are asked; the answers of the last one re-centre estimates.

    The files have record ids, of which each reporter should see its own only; `questions` takes those of one reporter.
    """

    def __init__(self, store: Store) -> None:
        """Use `Registry.samples` instead."""
        self._store = store

    def needed(self, half_width: float) -> int | None:
        """Return how many answers make the range of the persons narrow enough.

        The range is that of the persons whose records never met; what undecided pairs add is not in it.

        Args:
            half_width: Half of the 95 % range, divided by the number of persons, above 0 and below 1.

        Returns:
            The number; 0 if none are needed, None if not even answers about all records are enough.

        Raises:
            SampleError: `sample.precision` if it is out of range.
            NotLinkedError: The registry was never linked.
            RegistryError: It cannot be opened.
        """
        if not 0 < half_width < 1:
            raise SampleError(
                "sample.precision", "A precision is above 0 and below 100 percent.", hint="Write it as 5%."
            )
        with self._store.session(write=False) as session:
            _, strata, (_, variance) = _strata_of(session)
        return needed(strata, variance, half_width)

    def draw(self, n_records: int, *, seed: int | None = None) -> SampleStatus:
        """Draw a sample of records, and store its strata and inclusion probabilities; it replaces none before it.

        Args:
            n_records: How many; all if there are fewer.
            seed: Draws the same sample again from the same records; by default a random one.

        Raises:
            SampleError: `sample.records` if the number is below 10.
            NotLinkedError: The registry was never linked.
            RegistryError: It cannot be opened or written.
        """
        if n_records < _FEWEST:
            raise SampleError("sample.records", "A sample has at least 10 records.", hint="Ask for more: --records")
        with self._store.session(write=True) as session:
            linked, strata, (joins, variance) = _strata_of(session)
            places, probability = draw_sample(strata, n_records, np.random.default_rng(seed))
            drawn = np.bincount(strata.stratum[places], minlength=len(STRATUM_NAMES))
            at = now()
            with session.transaction():
                number = session.rows("SELECT coalesce(max(sample), 0) + 1 FROM samples")[0][0]
                run = session.rows("SELECT max(run) FROM runs")[0][0]
                session.rows("INSERT INTO samples VALUES (?, ?, ?, ?, ?, NULL)", number, at, run, joins, variance)
                kinds = zip(STRATUM_NAMES, strata.sizes, drawn, strata.expected, strict=True)
                for name, size, count, expected in kinds:
                    values = (number, name, int(size), int(count), float(expected))
                    session.rows("INSERT INTO sample_strata VALUES (?, ?, ?, ?, ?)", *values)
                rows = pa.table(
                    {
                        "sample": pa.array([number] * len(places), pa.int64()),
                        "question": pa.array(np.arange(1, len(places) + 1)),
                        "rid": linked["rid"].take(pa.array(places)),
                        "stratum": [STRATUM_NAMES[one] for one in strata.stratum[places]],
                        "probability": probability,
                        "joins": strata.joins[places],
                        "missing": pa.nulls(len(places), pa.float64()),
                    }
                )
                session.load("INSERT INTO sampled SELECT * FROM source", source=rows)
                session.log("sample draw", at=at, sample=number, rows=len(places))
            return _status(session)

    def questions(self, *, reporter: str | None = None) -> str:
        """Return the questions of the last sample as a CSV file to fill in.

        Args:
            reporter: Only rows about records of this reporter; by default all, which nobody but the registry may see.

        Raises:
            SampleError: `sample.none` if no sample was drawn.
            RegistryError: The registry cannot be opened.
        """
        with self._store.session(write=False) as session:
            number = _last(session)[0]
            names, asked, listed = _questions(session, number)
        told = {rid: key for key, rid in names.items()}
        rows = []
        for question, rid in asked.items():
            for other in [rid, *(one for one in listed[question] if one != rid)]:
                code, record_id = told[other]
                if reporter is None or code == reporter:
                    rows.append((str(question), code, record_id, "yes" if other == rid else "no", "", ""))
        return rows_of_answers(rows)

    def take(self, path: str | Path) -> SampleStatus:
        """Take answers to the last sample; those to a question that was answered before replace it.

        Args:
            path: The file, see `linkage.intake.sample_file.read_answers`.

        Raises:
            SampleError: `sample.none`, or the file cannot be used or has bad rows; nothing was taken.
            RegistryError: The registry cannot be opened or written.
        """
        with self._store.session(write=True) as session:
            number = _last(session)[0]
            names, asked, _ = _questions(session, number)
            answers = read_answers(Path(path), asked=asked, records=names)
            missing = _missing(session, answers, asked)
            at = now()
            with session.transaction():
                for question, part in missing.items():
                    key = (number, question)
                    session.rows("DELETE FROM sample_answers WHERE sample = ? AND question = ?", *key)
                    session.rows("UPDATE sampled SET missing = ? WHERE sample = ? AND question = ?", part, *key)
                rows = pa.table(
                    {
                        "sample": pa.array([number] * len(answers), pa.int64()),
                        "question": pa.array([one.question for one in answers], pa.int64()),
                        "rid": pa.array([one.rid for one in answers], pa.int64()),
                        "same_person": pa.array([one.same_person for one in answers], pa.bool_()),
                        "wrong_fields": pa.array([list(one.wrong_fields) for one in answers], pa.list_(pa.string())),
                    }
                )
                session.load("INSERT INTO sample_answers SELECT * FROM source", source=rows)
                if missing:
                    session.rows("UPDATE samples SET answered_at = ? WHERE sample = ?", at, number)
                session.log("sample answers", at=at, sample=number, rows=len(missing))
            return _status(session)

    def status(self) -> SampleStatus:
        """Return what the last sample is and says.

        Raises:
            SampleError: `sample.none` if no sample was drawn.
            RegistryError: The registry cannot be opened.
        """
        with self._store.session(write=False) as session:
            return _status(session)


_FEWEST: Final = 10

_Names = dict[tuple[str, str], int]


def _strata_of(session: Session) -> tuple[pa.Table, SampleStrata, tuple[float, float]]:
    """Return the linked records, their strata, and the missing joins without answers with their variance."""
    check_linked(session)
    linked, strata, estimate = strata_of(session)
    if estimate.joins > 0:
        return linked, strata, (estimate.joins, estimate.variance)
    joins = float(strata.joins.sum())
    return linked, strata, (joins, joins + joins**2)


def _last(session: Session) -> tuple[int, str, int, str | None]:
    rows = session.rows(_LAST)
    if not rows:
        raise SampleError(
            "sample.none", "No sample was drawn yet.", hint="Draw one: linkage sample draw REGISTRY --records 200"
        )
    number, drawn_at, run, answered_at = rows[0]
    return number, drawn_at, run, answered_at


def _questions(session: Session, number: int) -> tuple[_Names, dict[int, int], dict[int, list[int]]]:
    """Return all linked records, the record of each question, and all that are found to be of its person."""
    names, members, of = {}, defaultdict(list), {}
    for rid, reporter, record_id, person, _ in session.rows(LINKED):
        names[reporter, record_id], of[rid] = rid, person
        members[person].append(rid)
    asked = {question: rid for question, rid in session.rows(_QUESTIONS, number) if rid in of}
    return names, asked, {question: members[of[rid]] for question, rid in asked.items()}


def _missing(session: Session, answers: list[Answer], asked: dict[int, int]) -> dict[int, float]:
    """Return for each question that was answered what part of a missing join its record is."""
    same: dict[int, list[int]] = {}
    for answer in answers:
        if answer.same_person:
            same.setdefault(answer.question, []).append(answer.rid)
    wanted = {rid for rids in same.values() for rid in rids}
    drawn, stored = _drawn(session, wanted), session.table("SELECT rid_a, rid_b FROM links")
    pairs = np.column_stack([stored[name].to_numpy().astype(np.int64) for name in ("rid_a", "rid_b")])
    pairs = pairs[np.isin(pairs, list(wanted)).all(axis=1)]
    return {
        question: missing_joins(asked[question], rids, np.stack([drawn[rid] for rid in rids]), pairs)
        for question, rids in same.items()
    }


def _drawn(session: Session, wanted: set[int]) -> dict[int, NDArray[np.int64]]:
    """Return the person of each wanted record in each draw of the last run; that of the run if it has no draws."""
    n_draws: int = session.rows("SELECT draws FROM runs ORDER BY run DESC LIMIT 1")[0][0]
    linked = session.table("SELECT rid, person_id FROM persons ORDER BY rid")
    number = np.unique(linked["person_id"].to_numpy().astype(str), return_inverse=True)[1].tolist()
    found = {
        rid: np.full(max(n_draws, 1), person, np.int64)
        for rid, person in zip(linked["rid"].to_pylist(), number, strict=True)
        if rid in wanted
    }
    table = session.table("SELECT rid, component, labels FROM draws")
    if n_draws and table.num_rows:
        labels, components = unpacked(table["labels"], n_draws), table["component"].to_numpy().astype(np.int64)
        base, width = len(linked) + 1, int(labels.max(initial=0)) + 1
        for rid, component, own in zip(table["rid"].to_pylist(), components.tolist(), labels, strict=True):
            if rid in found:
                found[rid] = base + component * width + own
    return found


def _status(session: Session) -> SampleStatus:
    number, drawn_at, run, answered_at = _last(session)
    n_questions, n_answered, n_missed = session.rows(_COUNTS, number)[0]
    estimate = read_never_met(session)
    return SampleStatus(
        sample=number,
        drawn_at=drawn_at,
        run=run,
        questions=n_questions,
        answered=n_answered,
        answered_at=answered_at,
        missed=n_missed,
        strata={name: (n, drawn) for name, n, drawn in session.rows(_STRATA, number)},
        wrong_fields=dict(session.rows(_WRONG, number)),
        joins=estimate.joins,
        standard_deviation=estimate.variance**0.5,
        basis=estimate.basis,
    )
