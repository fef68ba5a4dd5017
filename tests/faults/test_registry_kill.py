"""A registry whose process is killed at any moment: what stood before stands, and the next run goes on."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, registry_bytes, send

pytestmark = pytest.mark.whole

N_RECORDS = 2000
ATTEMPTS = 5

_PROGRAM = """
import sys
from linkage.pipeline import Registry
import linkage.linkage_unit.run
registry = Registry.open(sys.argv[2], wait=30)
print("begin", flush=True)
if sys.argv[1] == "receive":
    registry.receive(sys.argv[3])
elif sys.argv[1] == "purge":
    registry.purge(review_days=0)
else:
    registry.link()
"""


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start a process that works on the registry, and wait until it begins."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begin\n"
    return process


def seconds_of(*arguments: object) -> float:
    with start(*arguments) as process:
        began = time.monotonic()
        assert process.wait() == 0
        return time.monotonic() - began


def killed_after(seconds: float, *arguments: object) -> bool:
    """Kill the process after a while; say whether it was still at work."""
    with start(*arguments) as process:
        time.sleep(seconds)
        process.kill()
        return process.wait() != 0


@dataclass
class Moment:
    """When to kill, and whether that came in time; the test sets the latter."""

    seconds: float
    interrupted: bool = False


def moments(seconds: float, *, seed: int) -> Iterator[Moment]:
    """Return moments within the time that the work takes, until enough of them have come in time."""
    rng = random.Random(seed)
    interrupted = 0
    for _ in range(3 * ATTEMPTS):
        moment = Moment(rng.uniform(0, seconds))
        yield moment
        interrupted += moment.interrupted
        # The first, measured run is the slowest, since nothing was in any cache.
        seconds *= 1 if moment.interrupted else 0.8
        if interrupted == ATTEMPTS:
            return
    assert interrupted >= ATTEMPTS // 2, "the test has to kill in time"


def state(registry: Registry) -> tuple[tuple, ...]:
    """Count what belongs together, and what would be left over if only a part had been stored."""
    return (
        *dump(registry, "SELECT count(*), count(DISTINCT rid), coalesce(max(sequence), 0) FROM records"),
        *dump(registry, "SELECT count(*), count(DISTINCT rid) FROM codes"),
        *dump(registry, "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM reports)"),
        *dump(registry, "SELECT (SELECT count(*) FROM submissions), (SELECT count(*) FROM history)"),
        *dump(registry, "SELECT count(*) FROM receipts JOIN submissions USING (submission)"),
        *dump(registry, "SELECT value FROM meta WHERE key IN ('next_rid', 'key_id') ORDER BY key"),
    )


def answers(registry: Registry) -> tuple[tuple, ...]:
    return (
        *dump(registry, "SELECT count(*) FROM runs"),
        *dump(registry, "SELECT count(*) FROM models"),
        *dump(registry, "SELECT count(*), count(DISTINCT person_id) FROM persons"),
        *dump(registry, "SELECT count(*) FROM links"),
        *dump(registry, "SELECT count(*) FROM person_events"),
        *dump(registry, "SELECT value FROM linkage.meta WHERE key = 'next_person'"),
    )


def between(found: tuple[tuple, ...], before: tuple[tuple, ...], after: tuple[tuple, ...]) -> bool:
    """Return whether each part is as before or as after: the two units are written one by one."""
    return all(one in pair for one, *pair in zip(found, before, after, strict=True))


def copy_of(registry: Registry, name: str) -> Registry:
    """Copy a registry, so that each attempt starts from the same one."""
    path = registry.path.with_name(name)
    shutil.copytree(registry.path, path)
    return Registry.open(path, registry_key=registry.registry_key, statistics_key=registry.statistics_key)


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Registry:
    folder = tmp_path_factory.mktemp("filled")
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    registry.receive(send(folder / "1", "a", 1, crowd("a", range(N_RECORDS))))
    return registry


def left_over(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if entry.name.endswith((".wal", ".part", ".rewrite"))]


@pytest.mark.slow
def test_killed_while_receiving(filled, monkeypatch):
    monkeypatch.setenv("LINKAGE_REGISTRY_KEY", str(filled.registry_key))
    monkeypatch.setenv("LINKAGE_STATISTICS_KEY", str(filled.statistics_key))
    changed = [Rec(f"a-{i}", i + N_RECORDS) for i in range(0, N_RECORDS, 2)]
    path = send(filled.path.with_name("2"), "a", 2, [*changed, *crowd("b", range(N_RECORDS))])
    whole = copy_of(filled, "whole.duckdb")
    seconds = seconds_of("receive", whole.path, path)
    before, after = state(filled), state(whole)
    assert before != after
    for attempt, moment in enumerate(moments(seconds, seed=1)):
        registry = copy_of(filled, f"k{attempt}.duckdb")
        moment.interrupted = killed_after(moment.seconds, "receive", registry.path, path)
        assert between(state(registry), before, after), attempt
        registry.receive(path)
        assert state(registry) == after
        assert registry.receive(path).outcome == "already received"
        assert left_over(registry.path.parent) == []


@pytest.mark.slow
def test_killed_while_linking(filled, monkeypatch):
    monkeypatch.setenv("LINKAGE_REGISTRY_KEY", str(filled.registry_key))
    base = copy_of(filled, "base.duckdb")
    base.receive(send(filled.path.with_name("3"), "b", 1, crowd("b", range(N_RECORDS // 2, N_RECORDS * 2))))
    whole = copy_of(base, "linked.duckdb")
    seconds = seconds_of("link", whole.path)
    before, after = answers(base), answers(whole)
    assert before != after
    for attempt, moment in enumerate(moments(seconds, seed=2)):
        registry = copy_of(base, f"l{attempt}.duckdb")
        moment.interrupted = killed_after(moment.seconds, "link", registry.path)
        assert between(answers(registry), before, after), attempt
        # Whatever writes next hands over what the linkage unit has found.
        registry.receive(filled.path.with_name("1"))
        if answers(registry) == before:
            registry.link()
        assert answers(registry) == after


def codes_left(registry: Registry) -> tuple[tuple, ...]:
    """Count what a purge changes, at both units."""
    return (
        *dump(registry, "SELECT count(*), count(DISTINCT rid) FROM codes"),
        *dump(registry, "SELECT count(*) FROM linkage.records WHERE settled"),
        *dump(registry, "SELECT count(*) FROM kept_pairs"),
        *dump(registry, "SELECT count(*) FROM linkage.links"),
        *dump(registry, "SELECT count(*) FROM statistics.links"),
    )


@pytest.mark.slow
def test_killed_while_purging(filled, monkeypatch):
    monkeypatch.setenv("LINKAGE_REGISTRY_KEY", str(filled.registry_key))
    base = copy_of(filled, "unpurged.duckdb")
    # Every tenth record shares a match key with the next one, who has another role in its case.
    twins = [
        Rec(f"b-{one + n}", one + n, {"case_id": f"case-{one}", "role": role}, joins=one if n else None)
        for one in range(0, N_RECORDS, 10)
        for n, role in enumerate(("victim", "accompanying_child"))
    ]
    base.receive(send(filled.path.with_name("4"), "b", 1, twins))
    base.link()
    old = [content for (content,) in dump(base, "SELECT content FROM codes LIMIT 500")]
    whole = copy_of(base, "purged.duckdb")
    seconds = seconds_of("purge", whole.path)
    before, after = codes_left(base), codes_left(whole)
    assert before[-2:] != after[-2:]
    for attempt, moment in enumerate(moments(seconds, seed=4)):
        registry = copy_of(base, f"p{attempt}.duckdb")
        moment.interrupted = killed_after(moment.seconds, "purge", registry.path)
        assert between(codes_left(registry), before, after), attempt
        registry.purge(review_days=0)
        assert codes_left(registry) == after
        assert registry.privacy().sharing.share_rate == 0
        assert not any(content in registry_bytes(registry) for content in old)
        assert left_over(registry.path) == []
