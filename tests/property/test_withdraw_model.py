"""Random sequences of deliveries, withdrawals and redeliveries leave what a model of a few lines says."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.errors import RefusedError
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, dump, send, take_back

pytestmark = pytest.mark.whole

IDS = ("p", "q", "r", "s")
CASES = (None, "c", "d")
PERIODS = (None, "2025", "2025-12", "2026-01")


@dataclass(frozen=True)
class Step:
    """One file: a delivery, a complete delivery, or a withdrawal of records, of cases or of everything."""

    kind: str
    reporter: str
    sequence: int
    period: str | None
    ids: tuple[str, ...]
    versions: tuple[tuple[int, str | None], ...]
    cases: tuple[str, ...]

    def records(self) -> dict[str, tuple[int, str | None]]:
        return dict(zip(self.ids, self.versions, strict=False))


steps = st.builds(
    Step,
    kind=st.sampled_from(("delivery", "delivery", "complete", "records", "cases", "everything")),
    reporter=st.sampled_from(("a", "b")),
    sequence=st.integers(1, 12),
    period=st.sampled_from(PERIODS),
    ids=st.lists(st.sampled_from(IDS), unique=True, min_size=1, max_size=4).map(tuple),
    versions=st.lists(st.tuples(st.integers(0, 1), st.sampled_from(CASES)), min_size=4, max_size=4).map(tuple),
    cases=st.lists(st.sampled_from(("c", "d")), unique=True, min_size=1).map(tuple),
)


def covers(outer: str | None, inner: str | None) -> bool:
    return outer is None or (inner is not None and (inner == outer or inner.startswith(outer + "-")))


@dataclass
class Held:
    """The current version of a record, the sequence and period that it came with last, and its older versions.

    Of an older version, the period for which it was stored and its sequence are kept with it.
    """

    version: tuple[int, str | None]
    sequence: int
    period: str | None
    birth: int
    older: list[tuple[tuple[int, str | None], str | None, int]] = field(default_factory=list)
    stored_for: str | None = None


class Model:
    """What the registry must hold, as dictionaries."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], Held] = {}
        self.received: dict[tuple[str, int], Step] = {}
        self.births = 0

    def refuses(self, step: Step) -> bool:
        mine = [one for one in self.received.values() if one.reporter == step.reporter]
        newer = [one for one in mine if one.sequence > step.sequence]
        if any(one.sequence == step.sequence for one in mine):
            return True
        if step.kind not in ("delivery", "complete"):
            return bool(newer)
        return any(
            one.kind not in ("delivery", "complete") or (one.kind == "complete" and covers(one.period, step.period))
            for one in newer
        )

    def take(self, step: Step) -> None:
        self.received[step.reporter, step.sequence] = step
        mine = {name: held for name, held in self.records.items() if name[0] == step.reporter}
        if step.kind == "records":
            self._drop(name for name in mine if name[1] in step.ids)
        elif step.kind == "cases":
            self._drop(name for name, held in mine.items() if held.version[1] in step.cases)
            for held in mine.values():
                held.older = [one for one in held.older if one[0][1] not in step.cases]
        elif step.kind == "everything":
            self._drop(name for name, held in mine.items() if covers(step.period, held.period))
            for held in mine.values():
                held.older = [one for one in held.older if not covers(step.period, one[1])]
        else:
            if step.kind == "complete":
                for name, held in mine.items():
                    if name[1] not in step.ids:
                        held.older = [
                            one for one in held.older if not (covers(step.period, one[1]) and one[2] < step.sequence)
                        ]
                self._drop(
                    name
                    for name, held in mine.items()
                    if covers(step.period, held.period) and held.sequence < step.sequence and name[1] not in step.ids
                )
            for record_id, version in step.records().items():
                self._deliver(step, record_id, version)

    def _drop(self, names) -> None:
        for name in list(names):
            del self.records[name]

    def _deliver(self, step: Step, record_id: str, version: tuple[int, str | None]) -> None:
        name = step.reporter, record_id
        held = self.records.get(name)
        if held is None:
            self.births += 1
            self.records[name] = Held(version, step.sequence, step.period, self.births, [], step.period)
        elif held.version == version:
            if step.sequence > held.sequence:
                held.sequence, held.period = step.sequence, step.period
        elif held.sequence < step.sequence:
            held.older.append((held.version, held.stored_for, held.sequence))
            held.version, held.sequence, held.period = version, step.sequence, step.period
            held.stored_for = step.period
        else:
            held.older.append((version, step.period, step.sequence))


def write(step: Step, path: Path) -> Path:
    if step.kind in ("delivery", "complete"):
        records = [
            Rec(name, 10 * IDS.index(name) + persona, {} if case is None else {"case_id": case})
            for name, (persona, case) in step.records().items()
        ]
        complete = {"complete": True} if step.kind == "complete" else {}
        return send(path, step.reporter, step.sequence, records, period=step.period, **complete)
    ids = {"records": step.ids} if step.kind == "records" else {"cases": step.cases} if step.kind == "cases" else {}
    return take_back(
        path, step.reporter, step.sequence, **ids, period=step.period if step.kind == "everything" else None
    )


@given(st.lists(steps, min_size=2, max_size=7))
@settings(max_examples=4, deadline=None)
def test_the_registry_holds_what_the_model_says(sequence: list[Step]) -> None:
    check(sequence)


@pytest.mark.slow
@given(st.lists(steps, min_size=2, max_size=7))
@settings(max_examples=200, deadline=None)
def test_the_registry_holds_what_the_model_says_over_many_sequences(sequence: list[Step]) -> None:
    check(sequence)


def check(sequence: list[Step]) -> None:
    """Deliver a sequence to a registry and to the model, and compare them after each step."""
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry.create(Path(folder) / "r.duckdb", profile=PROFILE)
        model = Model()
        numbers: dict[int, int] = {}
        for number, step in enumerate(sequence):
            if step.kind == "complete" and step.period is None:
                continue
            path = write(step, Path(folder) / str(number))
            if model.refuses(step):
                again = model.received.get((step.reporter, step.sequence))
                if again is not None and again == step:
                    continue
                with contextlib.suppress(RefusedError):
                    assert registry.receive(path).outcome == "already received"
            else:
                registry.receive(path, accept_withdrawals=True)
                model.take(step)
            assert held(registry) == expected(model), sequence[: number + 1]
            # A record has the same number as long as it is the same record, and no other ever has it.
            for reporter, record_id, rid in dump(registry, "SELECT reporter, record_id, rid FROM records"):
                assert numbers.setdefault(rid, model.records[reporter, record_id].birth) == (
                    model.records[reporter, record_id].birth
                )


def held(registry: Registry) -> tuple[list, list]:
    current = dump(
        registry,
        "SELECT reporter, record_id, case_id, sequence, rid FROM records JOIN cases USING (rid) ORDER BY rid",
    )
    older = dump(registry, "SELECT reporter, record_id, coalesce(case_id, '') FROM history ORDER BY ALL")
    codes = dict(dump(registry, "SELECT rid, count(*) FROM codes GROUP BY rid"))
    assert codes.keys() == {row[-1] for row in current}
    return [row[:-1] for row in sorted(current)], older


def expected(model: Model) -> tuple[list, list]:
    current = sorted((*name, one.version[1] or "", one.sequence) for name, one in model.records.items())
    older = sorted((*name, version[1] or "") for name, one in model.records.items() for version, *_ in one.older)
    return [(reporter, record, case or None, sequence) for reporter, record, case, sequence in current], older
