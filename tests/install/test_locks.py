"""The lock files: every requirement of pyproject.toml has one version with digests, the same in each file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.paths import ROOT
from tools.make_wheelhouse import PROJECT, ROLES, Pin, Target, read_lock

EXTRAS: Final = {
    "requirements-reporter.lock": (),
    "requirements-registry.lock": ("registry",),
    "requirements-cluster.lock": ("spark", "sail"),
    "requirements-dev.lock": ("registry", "classic", "benchmarks", "dev"),
}
"""Each lock file, with the extras that it covers."""

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
ADDRESS: Final = re.compile(r"://|--(?:extra-)?index|--find-links| @ ")
"""How a package index, or another place to fetch a package from, would be written."""


@cache
def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def pins(lock: str) -> tuple[Pin, ...]:
    """Return the entries of a lock file."""
    return tuple(read_lock(ROOT / lock))


def requirements(lock: str) -> list[Requirement]:
    """Return what a lock file has to cover: the base, its extras, and for development what builds and locks."""
    table = project()["project"]
    lines = [*table["dependencies"]]
    lines += [line for extra in EXTRAS[lock] for line in table["optional-dependencies"][extra]]
    if lock == "requirements-dev.lock":
        lines += project()["build-system"]["requires"]
        lines += [line for group in project()["dependency-groups"].values() for line in group]
    return [found for found in map(Requirement, lines) if found.name != PROJECT]


def uncovered(wanted: Iterable[Requirement], locked: Iterable[Pin]) -> list[str]:
    """List requirements for which no pin, or a pin of a version that they exclude, stands in a lock file."""
    versions = {canonicalize_name(pin.requirement.name): version(pin) for pin in locked}
    return [
        str(one)
        for one in wanted
        if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0.dev0"), prereleases=False)
    ]


def version(pin: Pin) -> str:
    """Return the one version that a pin allows."""
    (exact,) = pin.requirement.specifier
    assert exact.operator == "=="
    return exact.version


def closure(wanted: Iterable[Requirement], target: Target) -> set[str]:
    """Collect the packages that requirements bring on a system, as the installed packages declare it."""
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        one = waiting.pop()
        # A condition on an extra does not hold, since none of these packages is required with one.
        if target.needs(Pin(one, ())) and canonicalize_name(one.name) not in found:
            found.add(canonicalize_name(one.name))
            waiting += map(Requirement, metadata.requires(one.name) or [])
    return found


@pytest.mark.parametrize("lock", EXTRAS)
def test_every_pin_has_one_version_and_digests_of_sha_256(lock: str) -> None:
    assert [pin for pin in pins(lock) if not pin.digests or not all(map(DIGEST.fullmatch, pin.digests))] == []
    assert [str(pin.requirement) for pin in pins(lock) if "*" in version(pin)] == []
    names = [canonicalize_name(pin.requirement.name) for pin in pins(lock)]
    assert sorted(set(names)) == names


@pytest.mark.parametrize("lock", EXTRAS)
def test_a_lock_covers_every_requirement_within_its_bounds(lock: str) -> None:
    assert uncovered(requirements(lock), pins(lock)) == []


@pytest.mark.parametrize("line", ["numpy>=999", "no-such-package", "hatchling<1"])
def test_a_requirement_that_is_not_covered_is_seen(line: str) -> None:
    assert uncovered([Requirement(line)], pins("requirements-dev.lock")) == [line]


@pytest.mark.parametrize("role", ROLES)
def test_a_user_installs_what_the_requirements_bring_and_nothing_else(role: str) -> None:
    lock = f"requirements-{role}.lock"
    here = Target("linux", "3.11")
    locked = {canonicalize_name(pin.requirement.name) for pin in pins(lock) if here.needs(pin)}
    assert locked == closure(requirements(lock), here)


def test_a_reporter_the_registry_and_developers_have_the_same_versions() -> None:
    found = [{(pin.requirement.name, version(pin), pin.digests) for pin in pins(name)} for name in EXTRAS]
    reporter, registry, cluster, dev = found
    assert reporter < registry < dev
    assert reporter < cluster
    locked = {name for name, _, _ in dev}
    assert {pin for pin in cluster if pin[0] in locked} <= dev


@pytest.mark.parametrize("lock", EXTRAS)
def test_no_lock_names_a_place_to_fetch_packages_from(lock: str) -> None:
    assert ADDRESS.findall((ROOT / lock).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text", ["--index-" + "url x", "--find-links=x", "numpy @ file.whl", "# from https://example.org/simple"]
)
def test_a_place_to_fetch_packages_from_is_seen(text: str) -> None:
    assert ADDRESS.search(text)


def test_make_installs_nothing_without_a_digest() -> None:
    lines = re.findall(r"^\t.*\binstall\b.*$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 3
    assert [
        line for line in lines if "--require-hashes" not in line and "--no-deps --no-build-isolation" not in line
    ] == []


def test_a_lock_is_read_with_its_conditions(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text(
        "# Made by hand.\n"
        "a==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via b\n"
        "c==2 ; sys_platform == 'win32' \\\n    --hash=sha256:02\n",
        encoding="utf-8",
    )
    first, second = read_lock(lock)
    assert (str(first.requirement), first.digests) == ("a==1.0", ("sha256:00", "sha256:01"))
    assert (second.requirement.name, second.digests) == ("c", ("sha256:02",))
    assert [target for target in (Target("linux", "3.11"), Target("windows", "3.11")) if target.needs(second)] == [
        Target("windows", "3.11")
    ]
