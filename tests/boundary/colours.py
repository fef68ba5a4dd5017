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
    "pseudonym.enrolment",
    "pseudonym.errors",
    "pseudonym.extras",
    "pseudonym.faults",
    "pseudonym.interrupt",
    "pseudonym.json_text",
    "pseudonym.key_file",
    "pseudonym.labels",
    "pseudonym.memory",
    "pseudonym.output",
    "pseudonym.own_process",
    "pseudonym.privacy",
    "pseudonym.profile",
    "pseudonym.public_keys",
    "pseudonym.tables",
    "pseudonym.unreadable",
    "pseudonym.version",
    "pseudonym.wire",
    "pseudonym.words",
)
CLEAR: Final = ("pseudonym.identity",)
KEYED: Final = ("pseudonym.keyed",)
MIXED: Final = ("pseudonym.__main__", "pseudonym.classic", "pseudonym.cli", "pseudonym.encode")

OPEN_TO_BLIND: Final = (
    "pseudonym.codebook",
    "pseudonym.console",
    "pseudonym.documents",
    "pseudonym.enrolment",
    "pseudonym.extras",
    "pseudonym.faults",
    "pseudonym.interrupt",
    "pseudonym.json_text",
    "pseudonym.key_file",
    "pseudonym.output",
    "pseudonym.own_process",
    "pseudonym.privacy",
    "pseudonym.profile",
    "pseudonym.public_keys",
    "pseudonym.unreadable",
    "pseudonym.version",
    "pseudonym.wire",
)
STAGES: Final = (
    *("linkage.engines", "linkage.linking", "linkage.persons"),
    *("linkage.intake", "linkage.counting", "linkage.answers"),
)

SEAM: Final = "linkage.engines.base"
"""What every engine must be able to do. It holds no engine, so a stage that is handed one may name its type."""

ALSO: Final = {
    "linkage.intake": ("linkage.keys", "linkage.reading"),
    "linkage.engines": ("linkage.counter_mode", "linkage.integers", "linkage.threads"),
    "linkage.linking": ("linkage.integers", "linkage.threads"),
}
"""What a stage may import besides: intake keeps digests under the key of its unit, and takes files that were read; an
engine enciphers what it writes to disks, under a key of its own."""

BROUGHT_BY_EXTRAS: Final = {"linkage.engines.spark": "spark", "pseudonym.classic": "classic"}
"""Parts whose packages an extra installs; they import them on first use only."""

IMPORTED_AS: Final = {"pyspark_client": "pyspark"}
"""Packages that are imported under another name."""

COLOURS: Final = {"neutral": NEUTRAL, "clear": CLEAR, "keyed": KEYED, "mixed": MIXED}
SEES: Final = {
    "neutral": {"neutral"},
    "clear": {"neutral", "clear"},
    "keyed": {"neutral", "keyed"},
    "mixed": {"neutral", "clear", "keyed", "mixed"},
}
"""Which colours a module of a colour may import."""

UNIT_PARTS: Final = (
    "linkage.audit_log",
    "linkage.counter_mode",
    "linkage.integers",
    "linkage.errors",
    "linkage.growth",
    "linkage.keys",
    "linkage.machine",
    "linkage.messages",
    "linkage.progress",
    "linkage.store",
    "linkage.threads",
)
"""What both units use."""

PLACES: Final = {
    "linkage": ("linkage.audit_log", "linkage.errors", "linkage.pipeline"),
    "linkage.__main__": ("linkage.cli",),
    "linkage.audit_log": ("linkage.errors",),
    "linkage.counter_mode": (),
    "linkage.integers": (),
    "linkage.errors": (),
    "linkage.growth": (),
    "linkage.keys": ("linkage.errors",),
    "linkage.machine": ("linkage.errors",),
    "linkage.messages": ("linkage.errors",),
    "linkage.progress": (),
    "linkage.publishing": ("linkage.errors",),
    "linkage.reading": ("linkage.errors",),
    "linkage.store": ("linkage.audit_log", "linkage.errors"),
    "linkage.threads": (),
    "linkage.linkage_unit": (*UNIT_PARTS, "linkage.engines", "linkage.linking", "linkage.persons"),
    "linkage.statistics_unit": (*UNIT_PARTS, "linkage.intake", "linkage.counting", "linkage.answers"),
    "linkage.pipeline": (
        *UNIT_PARTS,
        "linkage.linkage_unit",
        "linkage.reading",
        "linkage.statistics_unit",
        *STAGES,
    ),
    "linkage.cli": ("linkage.audit_log", "linkage.errors", "linkage.keys", "linkage.pipeline", *STAGES),
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

EXCEPTED: Final = frozenset({("pseudonym.encode.processes", "multiprocessing")})
"""Encoding in several processes, which are this program again; what they need reaches them through pipes."""

STUBS: Final = "_typeshed"
"""What type checkers bring. No installation has it, so a module that imports it can do so for types only."""

LESS_ONLY: Final = frozenset({("pseudonym.own_process", "sys.meta_path.insert")})
"""Means of hiding an import that a module may use all the same: it lets one fail, and nothing else succeed."""

KEY_DOOR: Final = "pseudonym.keyed"
"""What makes no codes imports this package, and none of its modules."""

CIPHERS: Final = "cryptography"
"""Primitives for keys: only where keys are held, and in these places."""

CIPHER_USERS: Final = {
    "linkage.counter_mode": "the registry's own key enciphers codes at rest, and on a cluster one of the run",
    "linkage.engines.spark.secret": "a key that is drawn for one run enciphers what lies on the disks of a cluster",
    "linkage.linkage_unit.rekey": "the registry's own key hashes match keys",
    "linkage.keys": "the keys of the units sign, and open what was encrypted to them",
    "pseudonym.key_file.wrap": "a key file may be under a pass phrase",
    "pseudonym.public_keys": "signatures are checked, and public keys read, at either side",
    "pseudonym.wire.sealed.stream": "parts are encrypted and decrypted under keys that are drawn for one part each",
    "pseudonym.wire.sealed.wrapping": "these keys are wrapped for a unit, and unwrapped with its key",
}
"""What is neither keyed nor mixed and may use them all the same, with the reason."""


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
    names = frozenset(known)
    declared = declared_packages(pyproject)
    findings = [Finding(path.name, 0, "a file that can be imported and not read") for path in _unreadable(src)]
    for module in known.values():
        if colour(module.name) is None:
            findings.append(Finding(module.name, 0, "a module without a colour"))
        if within(module.name, ["linkage"]) and not _has_place(module.name):
            findings.append(Finding(module.name, 0, "a module of linkage without a place"))
        brought = _brought(module.name, declared)
        for use in uses(module, names):
            rule = _judge(use, module, brought)
            if rule is not None:
                findings.append(Finding(use.module, use.line, rule))
    return findings


def declared_packages(pyproject: Path) -> dict[str, frozenset[str]]:
    """Read which third-party packages each of our packages may import: what its installation brings."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    base = frozenset(map(_import_name, project["dependencies"]))
    extras = {name: frozenset(map(_import_name, lines)) for name, lines in project["optional-dependencies"].items()}
    roots = {"pseudonym": base, "linkage": base | extras["registry"]}
    return roots | {part: roots[part.split(".")[0]] | extras[extra] for part, extra in BROUGHT_BY_EXTRAS.items()}


def _brought(name: str, declared: dict[str, frozenset[str]]) -> frozenset[str]:
    """Return what a module may import, by the most special part of the tree that it is in."""
    part = next((part for part in BROUGHT_BY_EXTRAS if within(name, [part])), name.split(".")[0])
    return declared[part]


def _has_place(name: str) -> bool:
    return name == "linkage" or within(name, [place for place in (*PLACES, *STAGES) if place != "linkage"])


def _import_name(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    package = name[0].lower().replace("-", "_")
    return IMPORTED_AS.get(package, package)


def _unreadable(src: Path) -> list[Path]:
    suffixes = {".so", ".pyd", ".dll", ".pyc", ".pyo", ".pyx", ".pyi", ".pth", ".zip", ".egg"}
    return [
        path
        for root in ROOTS
        for path in sorted((src / root).rglob("*"))
        if path.suffix in suffixes and path.parent.name != "__pycache__"
    ]


def _judge(use: Use, module: Module, brought: frozenset[str]) -> str | None:
    """Return the rule that a use breaks, or None."""
    if use.target is None:
        if (module.name, use.how) in LESS_ONLY:
            return None
        return f"hides what it imports: {use.how}"
    return _judge_import(module.name, use.target, brought)


@cache
def _judge_import(name: str, target: str, declared: frozenset[str]) -> str | None:
    # Kept, since the tests judge many trees that differ in one import.
    top = target.split(".")[0]
    if within(target, REFUSED) and (name, top) not in EXCEPTED:
        return f"imports {target}, which no module of src may"
    if top in ROOTS:
        return _judge_own(name, target)
    if top == CIPHERS and colour(name) not in {"keyed", "mixed"} and name not in CIPHER_USERS:
        return f"imports {target} and holds no key"
    if top not in sys.stdlib_module_names and top not in declared and top != STUBS:
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
        open_to_stage = [stage, "linkage.errors", SEAM, *ALSO.get(stage, ())]
        return None if within(target, open_to_stage) else f"stage {stage} imports {target}"
    place = ".".join(name.split(".")[:2])
    allowed = PLACES.get(place, ())
    inside = target in allowed or within(target, [place, *allowed] if place != "linkage" else allowed)
    return None if inside else f"{place} imports {target}"
