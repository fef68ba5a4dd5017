"""The tables of README.md, made from the code: `python -m benchmarks.population.document` writes them anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.population.assumptions import Assumptions
from benchmarks.population.bodies import BODIES, REFERRALS
from benchmarks.population.desk import FLAGS
from benchmarks.population.kinds import KINDS
from benchmarks.population.rates import ErrorRates, PopulationRates, ReportRates
from benchmarks.results import RESULTS

__all__ = ["BEGIN", "END", "README", "render"]

README: Final = Path(__file__).parent / "README.md"
BEGIN: Final = "<!-- tables: python -m benchmarks.population.document -->"
END: Final = "<!-- end of tables -->"


def render() -> str:
    """Write the tables in Markdown."""
    assumed = Assumptions()
    rows = {row.name: row for row in assumed.rows()}
    parts = []
    for title, table in (("People", PopulationRates), ("Reports", ReportRates), ("Errors", ErrorRates)):
        names = [name for name in table.__slots__ if name != "origins"]
        lines = [(f"`{name}`", _text(rows[name].value), rows[name].note) for name in names]
        parts += [f"### {title}", _table(("name", "value", "what it is taken from"), lines)]
    origins = ", ".join(f"{code} {share:g}" for code, share in assumed.population.origins)
    parts += ["### Origins", f"`origins.NAME`. {rows['origins.swedish'].note} Values: {origins}.", "### Bodies"]
    parts += [_bodies(rows), "### Paths", _paths(), "### Kinds", _kinds()]
    parts += ["### Speed", _speed()]
    parts += ["### Errors that the truth names", ", ".join(f"`{flag}`" for flag in FLAGS) + "."]
    return "\n\n".join(parts)


def _bodies(rows: dict[str, Any]) -> str:
    """Set the numbers and habits of the bodies side by side."""
    own = [name.partition(".")[2] for name in rows if name.startswith(f"{BODIES[0].code}.")]
    lines = [
        (f"`BODY.{name}`", *(_text(rows[f"{body.code}.{name}"].value) for body in BODIES), rows[f"police.{name}"].note)
        for name in own
    ]
    for habit in ("meets", "given", "number", "invents", "estimates", "spelling", "columns"):
        values = [getattr(body, habit) for body in BODIES]
        lines.append((habit, *(_habit(v) for v in values), ""))
    return _table(("name", *(body.code for body in BODIES), "what it is"), lines)


def _speed() -> str:
    """Show the figures of the result file that `measure` wrote."""
    document = json.loads((RESULTS / "population.json").read_text(encoding="utf-8"))
    names = ("persons", "records", "processor_seconds", "persons_per_second", "records_per_second", "peak_memory_mb")
    lines = [[f"{one[name]:,}" for name in names] for one in document["figures"]["sizes"]]
    said = f"`{document['command']}`, one core; seconds are the processor's, memory is that of the whole process."
    return said + "\n\n" + _table([name.replace("_", " ") for name in names], lines)


def _habit(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return "yes" if value is True else str(value) if value else "–"


def _paths() -> str:
    lines = [(f"`{path.code}`", f"{path.share:g}", f"{path.delay_days:g}", path.of) for path in REFERRALS]
    return _table(("path", "`.share`", "`.delay_days`", "of"), lines)


def _kinds() -> str:
    lines = []
    for name, kind in KINDS.items():
        differs = ", ".join(f"`{setting}={value:g}`" for setting, value in kind.settings.items()) or "–"
        lines.append((f"`{name}`", kind.what, differs))
    return _table(("kind", "what it holds", "differs in"), lines)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Write the tables of README.md anew."""
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n\n{render()}\n\n{END}{after}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
