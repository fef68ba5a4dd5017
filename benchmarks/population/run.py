"""From a plan to files: blocks of people, their reports, the case files, and a record of how they were made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import rfc8785

from benchmarks.population.assumptions import Assumptions, ErrorLevel, errors_at
from benchmarks.population.files import CaseFiles
from benchmarks.population.kinds import KINDS
from benchmarks.population.people import Plan, Population, make_blocks
from benchmarks.population.rates import PopulationRates
from benchmarks.population.reports import Counters, Reports, make_reports
from benchmarks.population.summary import Summary

__all__ = ["PARAMETERS", "Request", "assumptions_for", "blocks", "run"]

PARAMETERS: Final = "parameters.json"
_FORMAT: Final = "synthetic-population/1"
_PACKAGES: Final = ("Faker", "numpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A population to be written.

    Attributes:
        plan: The population, with the rates of `assumed`.
        assumed: All assumptions.
        level: The level of error behind them.
        settings: The assumptions set by name.
        names_digest: Digest of the files of names, or None for the built-in lists.
        ages_digest: Digest of the file of ages, or None for the built-in table.
        register: Whether to write `register.csv` too.
    """

    plan: Plan
    assumed: Assumptions
    level: str
    settings: dict[str, str] = field(default_factory=dict)
    names_digest: str | None = None
    ages_digest: str | None = None
    register: bool = False


def assumptions_for(kind: str, level: ErrorLevel, settings: dict[str, str]) -> Assumptions:
    """Combine the assumptions of a kind and a level with those set by name.

    Raises:
        ValueError: A name is unknown, or a value is not valid for its name.
    """
    assumed = Assumptions(population=PopulationRates(), errors=errors_at(level)).set(KINDS[kind].settings)
    if KINDS[kind].reporters:
        reporters = tuple(one for one in assumed.reporters if one.code in KINDS[kind].reporters)
        assumed = replace(assumed, reporters=reporters)
    return assumed.set(settings)


def blocks(request: Request) -> Iterator[tuple[Population, dict[str, Reports]]]:
    """Make people and reports block by block; ids and numbers continue from one block to the next."""
    counters = Counters()
    for index, population in enumerate(make_blocks(request.plan)):
        yield (
            population,
            make_reports(population, seed=request.plan.seed, assumed=request.assumed, counters=counters, block=index),
        )


def run(request: Request, out: Path, *, done: Callable[[int], None] = lambda n: None) -> tuple[Summary, list[Path]]:
    """Write the case files, the truth and the parameters.

    Args:
        request: The population to write.
        out: Folder for the files; created if missing.
        done: Called after each block with its number of persons.

    Returns:
        A summary, and the paths of the files with the parameters last.

    Raises:
        OSError: The folder cannot be written.
    """
    summary = Summary()
    with CaseFiles(out) as files:
        for population, reports in blocks(request):
            files.add(reports)
            if request.register:
                files.add_register(population)
            summary.add(population, reports)
            done(len(population))
    path = out / PARAMETERS
    text = json.dumps(_document(request, summary), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return summary, [*files.paths, path]


def _document(request: Request, summary: Summary) -> dict[str, Any]:
    """Return the parameters with their digest, and the counts of the result."""
    plan = request.plan
    parameters: dict[str, Any] = {
        "format": _FORMAT,
        "kind": plan.kind,
        "persons": plan.n_persons,
        "seed": plan.seed,
        "level": request.level,
        "serials": plan.chosen_serials(),
        "set": dict(sorted(request.settings.items())),
        "names": request.names_digest,
        "ages": request.ages_digest,
        "versions": {package: version(package) for package in _PACKAGES},
        "assumptions": request.assumed.values(),
    }
    digest = hashlib.sha256(rfc8785.dumps(parameters)).hexdigest()
    return {"digest": digest, "parameters": parameters, "counts": summary.counts()}
