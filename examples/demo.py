"""From the case files of eight reporters (reporting bodies) to a count of unique persons, with the command lines.

Keys and sequence numbers are fixed, so every run with the same people has the same figures.

`make demo`, or `python examples/demo.py --out DIR --persons N --seed S`. The people are synthetic, so the truth is
known, and the demo ends with how good the answer is. All files stay in one folder, to be inspected.
"""

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
# Only a folder with this file in it, from an earlier demo, is replaced.
MARK = ".pseudonym-demo"
CODEBOOK = "codebook.json"
# What the registry of the demo counts by. The codebook that ships has many more, of which no project needs all.
ITEMS = ("state", "purpose", "outcome", "age_at_event", "sex_reported", "police_report")
# The school keeps its file under headers of its own; `--column` maps them.
SCHOOL_HEADERS = {
    "number": "personnummer",
    "given_names": "tilltalsnamn",
    "family_names": "efternamn",
    "birth_date": "fodelsedatum",
}
POPULATION = "benchmarks.population"
KEYS = "benchmarks.keys"
KEY = "key-authority/linkage.key"
REGISTRY = "registry/national"

# Which lines of a command's output are shown.
ALL, NONE = re.compile(""), re.compile("(?!)")
MAIN = re.compile(r".*: \d+ records, |Rows rejected: ")

LEFT_OUT = (
    "Country and municipality are among those left out: with them, the case data alone would tell most persons apart."
    " Step 7 shows what the rest tell."
)
PUBLIC_KEY = (
    "Real keys come from `pseudonym keygen`. This one is public, so that every run of the demo has the same figures; it"
    " protects nobody."
)
PUBLIC_REGISTRY_KEY = "This key is public too. Without --existing-key, `linkage init` makes one that nobody knows."
ADVICE = (
    "reporters/{reporter}/{reporter}.parquet: `pseudonym show FILE` prints the header of a submission. Search the file"
    " for any name or number in cases.csv: there is none. Record ids and case data are there in clear, so use ids that"
    " mean nothing to others.",
    "Here the linkage key and the registry share a folder. In real use they must not: whoever has both can test who is"
    " in the registry. Encoded data are still personal data.",
    "registry/links.csv, decision `review`: pairs that the registry leaves to a person.",
    "How to read step 7: docs/for-data-protection-officers.md, på svenska docs/for-dataskyddsombud.md.",
)
PLAIN: dict[str, Any] = {"box": None, "padding": (0, 2, 0, 0)}

if isinstance(sys.stdout, io.TextIOWrapper):
    # A console that cannot show a letter of a name must not end the demo.
    sys.stdout.reconfigure(errors="replace")
console = Console(highlight=False)
if not console.is_terminal:
    console = Console(highlight=False, width=120)


class Failed(Exception):
    """A command ended with an unexpected status."""


def main(
    out: Annotated[Path, typer.Option(help="Folder for all files of the demo.")] = ROOT / "demo-output",
    persons: Annotated[int, typer.Option(min=20, help="Persons in the synthetic population.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the population; equal seeds give equal people.")] = 1,
) -> None:
    """Show the main job end to end: encode at eight reporters, receive, link, count unique persons."""
    began = time.monotonic()
    try:
        prepare(out)
        reporters = make_case_files(out, persons, seed)
        agree_on_codebook(out)
        encode_at_reporters(out, reporters)
        summary = link_at_registry(out, reporters)
        show_overlap(out, reporters, summary)
        show_quality(out)
        show_privacy(out)
    except Failed as error:
        console.print(Text(str(error), style="bold red"))
        raise typer.Exit(1) from None
    show_files(out, reporters)
    console.print(f"\nDone in {time.monotonic() - began:.0f} seconds.")


def heading(text: str) -> None:
    console.print()
    console.rule(Text(text, style="bold"), align="left")


def run(out: Path, command: str, *words: str, accepted: tuple[int, ...] = (0,), lines: re.Pattern[str] = ALL) -> str:
    """Print a command, run it in the demo's folder, print lines of its output, and return its standard output."""
    typed = ["python", "-m", command] if command in {POPULATION, KEYS} else [command]
    console.print(Text(f"$ {shlex.join([*typed, *words])}", style="bold cyan"), soft_wrap=True)
    done = subprocess.run(
        [sys.executable, "-m", command, *words],
        cwd=out,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    for line in (done.stdout + done.stderr).rstrip().splitlines():
        if lines.match(line) or done.returncode not in accepted:
            console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
    if done.returncode not in accepted:
        raise Failed(f"The command ended with status {done.returncode}.")
    return done.stdout


def environment() -> dict[str, str]:
    """Return an environment in which the commands find the library and the benchmarks, and write UTF-8."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}


def prepare(out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        if not (out / MARK).exists():
            raise Failed(f"{out} holds files that no demo made. Name another folder with --out.")
        shutil.rmtree(out)
    for folder in ("reporters", "key-authority", "registry"):
        (out / folder).mkdir(parents=True)
    (out / MARK).touch()
    # The demo's files do not belong in a repository.
    (out / ".gitignore").write_text("*\n", encoding="utf-8")


def make_case_files(out: Path, persons: int, seed: int) -> list[str]:
    """Make synthetic case files, one folder per reporter, with the truth in a separate file."""
    heading("1. Eight reporters keep case files")
    words = ["--persons", str(persons), "--seed", str(seed), "--level", "middle", "--out", "reporters"]
    run(out, POPULATION, *words, lines=NONE)
    (out / "reporters" / "truth.csv").rename(out / "truth.csv")
    table = Table("reporter", "records", "columns of the identity, and the first record", **PLAIN)
    reporters = []
    for path in sorted((out / "reporters").glob("*.csv")):
        reporter = path.stem
        reporters.append(reporter)
        (path.parent / reporter).mkdir()
        path = path.rename(path.parent / reporter / "cases.csv")
        if reporter == "school":
            rename_headers(path)
        rows = read_csv(path)
        columns = path.read_text(encoding="utf-8").partition("\n")[0].split(",")
        identity = columns[1 : columns.index("report_id")]
        table.add_row(reporter, str(len(rows)), " | ".join(identity))
        if rows:
            table.add_row("", "", Text(" | ".join(rows[0][column] or "-" for column in identity), style="dim"))
    console.print(table)
    console.print("The people are synthetic. Their numbers have serials from the range reserved for tests.")
    return reporters


def rename_headers(path: Path) -> None:
    header, _, rest = path.read_text(encoding="utf-8").partition("\n")
    names = [SCHOOL_HEADERS.get(name, name) for name in header.split(",")]
    path.write_text(",".join(names) + "\n" + rest, encoding="utf-8", newline="\n")


def agree_on_codebook(out: Path) -> None:
    heading("2. The project agrees on what is asked")
    words = [word for item in ITEMS for word in ("--item", item)]
    run(out, "pseudonym", "codebook", "make", CODEBOOK, "--name", "demo", "--version", "1", *words)
    console.print(LEFT_OUT)


def encode_at_reporters(out: Path, reporters: list[str]) -> None:
    heading("3. Each reporter encodes its file under a key that the registry never has")
    run(out, KEYS, "demo", "--out", KEY)
    console.print(PUBLIC_KEY)
    first = True
    for reporter in reporters:
        source, submission = (f"reporters/{reporter}/{name}" for name in ("cases.csv", f"{reporter}.parquet"))
        words = ["--key", KEY, "--reporter", reporter, "--codebook", CODEBOOK, "--out", submission]
        # The files cover several years. The number is fixed for the same reason as the key; by default it is the time.
        words += ["--no-period", "--sequence", "1"]
        if not read_csv(out / source):
            run(out, "pseudonym", "encode", "--nothing-to-report", *words)
            continue
        if reporter == "school":
            words += [word for field, name in SCHOOL_HEADERS.items() for word in ("--column", f"{field}={name}")]
        words += ["--rejects", f"reporters/{reporter}/rejects.csv"]
        # Status 3 is not a failure: the file is written; fields that could not be read are left out and listed.
        run(out, "pseudonym", "encode", source, *words, accepted=(0, 3), lines=ALL if first else MAIN)
        if first:
            console.print("Of the other commands, only the main lines are shown.")
        first = False


def link_at_registry(out: Path, reporters: list[str]) -> dict[str, Any]:
    heading("4. The registry receives the submissions, links, and counts")
    run(out, KEYS, "demo", "--registry", "--out", f"{REGISTRY}.key")
    run(out, "linkage", "init", REGISTRY, "--codebook", CODEBOOK, "--existing-key")
    console.print(PUBLIC_REGISTRY_KEY)
    run(out, "linkage", "receive", REGISTRY, *(f"reporters/{one}/{one}.parquet" for one in reporters), accepted=(0, 3))
    run(out, "linkage", "link", REGISTRY)
    run(out, "linkage", "export", "persons", REGISTRY, "--out", "registry/persons.csv")
    run(out, "linkage", "export", "links", REGISTRY, "--out", "registry/links.csv")
    summary = json.loads(run(out, "linkage", "summary", REGISTRY, "--json", lines=NONE))
    expected = summary["expected_persons"]
    figures = Table(show_header=False, **PLAIN)
    for name, value in (
        ("Records received", f"{summary['records']:,}"),
        ("Unique persons found", f"{summary['persons']:,}"),
        ("Expected", f"{expected['expected']:,.0f}"),
        ("Range of their true number (95 %)", f"{expected['low']:,}-{expected['high']:,} ({expected['basis']})"),
        ("Pairs of records linked", f"{summary['links']:,}"),
        ("Pairs of persons to review", f"{summary['review_persons']:,} ({summary['review']:,} pairs of records)"),
    ):
        figures.add_row(name, Text(value, style="bold"))
    console.print()
    console.print(figures)
    return dict(summary)


def show_overlap(out: Path, reporters: list[str], summary: dict[str, Any]) -> None:
    """Show how many persons each two reporters both know, beside the truth."""
    heading("5. Persons known to each two reporters (in brackets: the truth)")
    found = {frozenset((row["reporter_a"], row["reporter_b"])): row["persons"] for row in summary["overlap"]}
    found |= {frozenset((row["reporter"],)): row["persons"] for row in summary["reporters"]}
    true: dict[str, set[str]] = {reporter: set() for reporter in reporters}
    for row in read_csv(out / "truth.csv"):
        true[row["reporter"]].add(row["person"])
    table = Table("", "", *(str(position) for position, _ in enumerate(reporters, start=1)), **PLAIN)
    for position, a in enumerate(reporters, start=1):
        cells = [f"{found.get(frozenset((a, b)), 0)} ({len(true[a] & true[b])})" for b in reporters[:position]]
        table.add_row(str(position), a, *cells)
    console.print(table)
    reporters_of = Counter(person for persons in true.values() for person in persons)
    right = Counter(reporters_of.values())
    known = Table(
        "number of reporters that know them",
        *(str(row["reporters"]) for row in summary["persons_by_reporters"]),
        **PLAIN,
    )
    cells = [f"{row['persons']} ({right[row['reporters']]})" for row in summary["persons_by_reporters"]]
    known.add_row("persons", *cells)
    console.print()
    console.print(known)


def show_quality(out: Path) -> None:
    """Compare the persons found with the truth, as pairs of records and as a number of persons."""
    heading("6. How good is it? The demo knows the truth, the registry does not")
    truth = {(row["reporter"], row["record_id"]): row["person"] for row in read_csv(out / "truth.csv")}
    found = {(row["reporter"], row["record_id"]): row["person_id"] for row in read_csv(out / "registry/persons.csv")}
    both = pairs(Counter((found[record], truth[record]) for record in found))
    linked, true = pairs(Counter(found.values())), pairs(Counter(truth.values()))
    precision, recall = both / max(linked, 1), both / max(true, 1)
    table = Table(show_header=False, **PLAIN)
    table.add_row(
        "Precision (share of linked pairs that are one person)", f"{precision:.4f}", f"{both:,} of {linked:,}"
    )
    table.add_row("Recall (share of pairs of one person that are linked)", f"{recall:.4f}", f"{both:,} of {true:,}")
    table.add_row("F1", f"{2 * precision * recall / max(precision + recall, 1e-9):.4f}", "")
    waiting = [row for row in read_csv(out / "registry/links.csv") if row["decision"] == "review"]
    same = sum(
        truth[row["reporter_a"], row["record_id_a"]] == truth[row["reporter_b"], row["record_id_b"]] for row in waiting
    )
    table.add_row("Pairs of records for review that are one person", f"{same:,}", f"of {len(waiting):,}")
    persons, real = len(set(found.values())), len(set(truth.values()))
    table.add_row("Unique persons found", f"{persons:,}", f"{persons - real:+,} against the true {real:,}")
    each = sum(
        len({person for (reporter, _), person in truth.items() if reporter == one}) for one in {b for b, _ in truth}
    )
    table.add_row("Sum of what each reporter counts by itself", f"{each:,}", f"{each - real:+,}")
    console.print(table)


def show_privacy(out: Path) -> None:
    """Show what one submission and the registry give away, with what helps."""
    heading("7. What is given away? Neither command needs a key, and neither shows a name")
    run(out, "pseudonym", "check", "reporters/shelter/shelter.parquet", "--codebook", CODEBOOK, accepted=(0, 3))
    run(out, "linkage", "privacy", REGISTRY, accepted=(0, 3))


def pairs(sizes: Counter[Any]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes.values())


def show_files(out: Path, reporters: list[str]) -> None:
    heading("8. Where the files are")
    table = Table("file", "size", "what it is", **PLAIN)
    for pattern, meaning in (
        ("reporters/*/cases.csv", "case files, in clear: they stay with the reporters"),
        ("reporters/*/rejects.csv", "what a reporter should correct: row, field and rule, never a value"),
        ("reporters/*/*.parquet", "submissions: codes, record ids, case data; no name, no number"),
        (CODEBOOK, "what is asked, and which answers there are: the same for reporters and registry"),
        (KEY, "the linkage key: for the reporters, never for the registry"),
        (f"{REGISTRY}/linkage.duckdb", "the linkage unit: codes under its own key, and which are one person"),
        (f"{REGISTRY}/statistics.duckdb", "the statistics unit: record ids, cases, history; never a code"),
        (f"{REGISTRY}*.key", "the keys of both units: keep them apart from the files"),
        ("registry/persons.csv", "each record and its person"),
        ("registry/links.csv", "each pair linked or left for review, with weight and probability"),
        ("truth.csv", "the truth, known only because the people are invented"),
    ):
        files = sorted(out.glob(pattern))
        size = sum(file.stat().st_size for file in files)
        table.add_row(str(Path(pattern)), f"{size / 1000:,.1f} kB", meaning)
    console.print(f"All in {out.resolve()}", soft_wrap=True)
    console.print(table)
    console.print("\nFor a data-protection officer:")
    for advice in ADVICE:
        line = Table.grid(padding=(0, 1))
        line.add_row("-", Text(advice.format(reporter=reporters[0])))
        console.print(line)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    typer.run(main)
