"""The three colours of the modules and the walls between them, as rules over what `sources` reads.

CLEAR sees a person's data, KEYED sees the linkage key, BLIND sees neither, and what both sides share is NEUTRAL.
docs/architecture.md draws them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.boundary.sources import ROOTS, Module, Use, modules_below, uses

NEUTRAL: Final = (
    "pseudonym.audit",
    "pseudonym.canonical",
    "pseudonym.characters",
    "pseudonym.codebook",
    "pseudonym.columns",
    "pseudonym.console",
    "pseudonym.documents",
    "pseudonym.errors",
    "pseudonym.faults",
    "pseudonym.interrupt",
    "pseudonym.key_file",
    "pseudonym.labels",
    "pseudonym.memory",
    "pseudonym.output",
    "pseudonym.privacy",
    "pseudonym.profile",
    "pseudonym.tables",
    "pseudonym.version",
    "pseudonym.wire",
)
CLEAR: Final = ("pseudonym.identity",)
KEYED: Final = ("pseudonym.keyed",)
MIXED: Final = ("pseudonym.__main__", "pseudonym.cli", "pseudonym.encode")

OPEN_TO_BLIND: Final = (
    "pseudonym.codebook",
    "pseudonym.console",
    "pseudonym.faults",
    "pseudonym.interrupt",
    "pseudonym.key_file",
    "pseudonym.output",
    "pseudonym.privacy",
    "pseudonym.profile",
    "pseudonym.version",
    "pseudonym.wire",
)
STAGES: Final = ("linkage.engines", "linkage.intake", "linkage.linking", "linkage.persons", "linkage.answers")

SEAM: Final = "linkage.engines.base"
"""What every engine must be able to do. It holds no engine, so a stage that is handed one may name its type."""

KEY_USERS: Final = {"linkage.intake": ("linkage.keys",)}
"""The stages that use the registry's own key, beside the pipeline that reads it from its file."""

COLOURS: Final = {"neutral": NEUTRAL, "clear": CLEAR, "keyed": KEYED, "mixed": MIXED}
SEES: Final = {
    "neutral": {"neutral"},
    "clear": {"neutral", "clear"},
    "keyed": {"neutral", "keyed"},
    "mixed": {"neutral", "clear", "keyed", "mixed"},
}
"""Which colours a module of a colour may import."""

PLACES: Final = {
    "linkage": ("linkage.errors", "linkage.pipeline"),
    "linkage.__main__": ("linkage.cli",),
    "linkage.errors": (),
    "linkage.keys": ("linkage.errors",),
    "linkage.publishing": ("linkage.errors",),
    "linkage.store": ("linkage.errors",),
    "linkage.pipeline": ("linkage.errors", "linkage.keys", "linkage.store", *STAGES),
    "linkage.cli": ("linkage.errors", "linkage.pipeline", *STAGES),
}
"""What modules of `linkage` that are no stages may import of it; a stage imports itself, the errors and the seam."""

NETWORK: Final = frozenset(
    {"aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "select", "selectors", "smtplib"}
    | {"socket", "socketserver", "ssl", "telnetlib", "urllib", "urllib3", "webbrowser", "websockets", "xmlrpc"}
    | {"pyarrow.flight", "pyarrow.fs"}
)
PROGRAMS: Final = frozenset({"multiprocessing", "pty", "subprocess"})
RUN_WHEN_READ: Final = frozenset({"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"})
OUTSIDE: Final = frozenset({"benchmarks", "examples", "tests"})
REFUSED: Final = NETWORK | PROGRAMS | RUN_WHEN_READ | OUTSIDE
"""No network, no other program, nothing that runs code when it is read, and nothing from outside src/."""

KEY_DOOR: Final = "pseudonym.keyed"
"""What makes no codes imports this package, and none of its modules."""

CIPHERS: Final = "cryptography"
"""Primitives for the linkage key: only where keys are held."""


@dataclass(frozen=True)
class Finding:
    """One breach: where it stands and which rule it breaks."""

    module: str
    line: int
    rule: str

    def __str__(self) -> str:
        """Show the place as an editor can open it."""
        return f"{self.module}:{self.line}: {self.rule}"


def within(name: str, places: Iterable[str]) -> bool:
    """Return whether a module is one of `places` or lies below one."""
    return any(name == place or name.startswith(place + ".") for place in places)


@cache
def colour(name: str) -> str | None:
    """Name the colour of a module; None for a module that nobody has given one."""
    if name == "pseudonym":
        return "neutral"
    if within(name, ["linkage"]):
        return "blind"
    for title, places in COLOURS.items():
        if within(name, places):
            return title
    return None


def check(src: Path, pyproject: Path) -> list[Finding]:
    """Judge every module below `src`; an empty list is a clean tree."""
    known = modules_below(src)
    declared = declared_packages(pyproject)
    findings = [Finding(path.name, 0, "a file that can be imported and not read") for path in _unreadable(src)]
    for module in known.values():
        if colour(module.name) is None:
            findings.append(Finding(module.name, 0, "a module without a colour"))
        if within(module.name, ["linkage"]) and not _has_place(module.name):
            findings.append(Finding(module.name, 0, "a module of linkage without a place"))
        for use in uses(module, known):
            rule = _judge(use, module, declared)
            if rule is not None:
                findings.append(Finding(use.module, use.line, rule))
    return findings


def declared_packages(pyproject: Path) -> dict[str, frozenset[str]]:
    """Read which third-party packages each of our packages may import: what its installation brings."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    base = frozenset(map(_import_name, project["dependencies"]))
    registry = frozenset(map(_import_name, project["optional-dependencies"]["registry"]))
    return {"pseudonym": base, "linkage": base | registry}


def _has_place(name: str) -> bool:
    return name == "linkage" or within(name, [place for place in (*PLACES, *STAGES) if place != "linkage"])


def _import_name(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return name[0].lower().replace("-", "_")


def _unreadable(src: Path) -> list[Path]:
    suffixes = {".so", ".pyd", ".dll", ".pyc", ".pyo", ".pyx", ".pyi", ".pth", ".zip", ".egg"}
    return [
        path
        for root in ROOTS
        for path in sorted((src / root).rglob("*"))
        if path.suffix in suffixes and path.parent.name != "__pycache__"
    ]


def _judge(use: Use, module: Module, declared: dict[str, frozenset[str]]) -> str | None:
    """Return the rule that a use breaks, or None."""
    if use.target is None:
        return f"hides what it imports: {use.how}"
    return _judge_import(module.name, use.target, declared[module.name.split(".")[0]])


@cache
def _judge_import(name: str, target: str, declared: frozenset[str]) -> str | None:
    # Kept, since the tests judge many trees that differ in one import.
    top = target.split(".")[0]
    if within(target, REFUSED):
        return f"imports {target}, which no module of src may"
    if top in ROOTS:
        return _judge_own(name, target)
    if top == CIPHERS and colour(name) not in {"keyed", "mixed"}:
        return f"imports {target} and holds no key"
    if top not in sys.stdlib_module_names and top not in declared:
        return f"imports {target}, which its installation does not bring"
    return None


def _judge_own(name: str, target: str) -> str | None:
    if within(name, ["linkage"]):
        return _judge_blind(name, target)
    if within(target, ["linkage"]):
        return f"a reporter's module imports {target}"
    mine, theirs = colour(name), colour(target)
    if mine is not None and theirs not in SEES[mine]:
        return f"{mine} imports {theirs or 'uncoloured'} {target}"
    if _behind_the_door(name, target):
        return f"imports {target}; the one door to keys is {KEY_DOOR}"
    return None


def _behind_the_door(name: str, target: str) -> bool:
    """Whether a module that makes no codes takes a module of keys, and not what their package offers."""
    return within(target, [KEY_DOOR]) and target != KEY_DOOR and not within(name, [KEY_DOOR, "pseudonym.encode"])


def _judge_blind(name: str, target: str) -> str | None:
    if within(target, ["pseudonym"]):
        return None if within(target, OPEN_TO_BLIND) else f"blind imports {target}"
    if name == target:
        return None
    stage = next((stage for stage in STAGES if within(name, [stage])), None)
    if stage is not None:
        open_to_stage = [stage, "linkage.errors", SEAM, *KEY_USERS.get(stage, ())]
        return None if within(target, open_to_stage) else f"stage {stage} imports {target}"
    place = ".".join(name.split(".")[:2])
    allowed = PLACES.get(place, ())
    inside = target in allowed or within(target, [place, *allowed] if place != "linkage" else allowed)
    return None if inside else f"{place} imports {target}"
