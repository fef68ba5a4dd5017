"""The generated tables of README.md: `python -m benchmarks.population.document` regenerates them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from benchmarks.pages import markdown_table, write_section
from benchmarks.paths import BENCHMARKS
from benchmarks.population.assumptions import Assumption, Assumptions
from benchmarks.population.desk import FLAGS
from benchmarks.population.kinds import KINDS
from benchmarks.population.rates import ErrorRates, PopulationRates, ReportRates
from benchmarks.population.reporters import REFERRALS, REPORTERS
from benchmarks.results import read_result

__all__ = ["README", "SECTION", "render"]

README: Final = BENCHMARKS / "population" / "README.md"
SECTION: Final = "tables"


def render() -> str:
    """Return the tables in Markdown."""
    assumed = Assumptions()
    rows = {row.name: row for row in assumed.rows()}
    parts = []
    for title, table in (("People", PopulationRates), ("Reports", ReportRates), ("Errors", ErrorRates)):
        names = [name for name in table.__slots__ if name != "origins"]
        lines = [(f"`{name}`", _text(rows[name].value), rows[name].note) for name in names]
        parts += [f"### {title}", markdown_table(("name", "value", "source"), lines)]
    origins = ", ".join(f"{code} {share:g}" for code, share in assumed.population.origins)
    parts += ["### Origins", f"`origins.NAME`. {rows['origins.swedish'].note} Values: {origins}.", "### Reporters"]
    parts += [_reporters(rows), "### Paths", _paths(), "### Kinds", _kinds()]
    parts += ["### Speed", _speed()]
    parts += ["### Errors listed in the truth", ", ".join(f"`{flag}`" for flag in FLAGS) + "."]
    return "\n\n".join(parts)


def _reporters(rows: Mapping[str, Assumption]) -> str:
    """Tabulate the numbers and habits of the reporters side by side."""
    own = [name.partition(".")[2] for name in rows if name.startswith(f"{REPORTERS[0].code}.")]
    lines = [
        (
            f"`REPORTER.{name}`",
            *(_text(rows[f"{reporter.code}.{name}"].value) for reporter in REPORTERS),
            rows[f"police.{name}"].note,
        )
        for name in own
    ]
    for habit in ("meets", "given", "number", "invents", "estimates", "spelling", "columns"):
        values = [getattr(reporter, habit) for reporter in REPORTERS]
        lines.append((habit, *(_habit(v) for v in values), ""))
    return markdown_table(("name", *(reporter.code for reporter in REPORTERS), "what it is"), lines)


def _speed() -> str:
    """Tabulate the figures in the result file of `measure`."""
    document = read_result("population")
    names = ("persons", "records", "processor_seconds", "persons_per_second", "records_per_second", "peak_memory_mb")
    lines = [[f"{one[name]:,}" for name in names] for one in document["figures"]["sizes"]]
    said = f"`{document['command']}`, on one core; processor seconds, and memory of the whole process."
    return said + "\n\n" + markdown_table([name.replace("_", " ") for name in names], lines)


def _habit(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "yes" if value is True else str(value) if value else "–"


def _paths() -> str:
    lines = [(f"`{path.code}`", f"{path.share:g}", f"{path.delay_days:g}", path.of) for path in REFERRALS]
    return markdown_table(("path", "`.share`", "`.delay_days`", "of"), lines)


def _kinds() -> str:
    lines = []
    for name, kind in KINDS.items():
        differs = ", ".join(f"`{setting}={value:g}`" for setting, value in kind.settings.items()) or "–"
        lines.append((f"`{name}`", kind.what, differs))
    return markdown_table(("kind", "description", "differs in"), lines)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def main() -> None:
    """Regenerate the tables of README.md."""
    write_section(README, SECTION, render())


if __name__ == "__main__":
    main()
