"""`linkage sample`: ask reporters about a sample of records, and take their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.export import STANDARD_OUTPUT
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class, reporters
from linkage.errors import RosterError
from pseudonym.console import Unfinished, counted, print_file, print_json, say, table_text, wrapped, wrong_option

if TYPE_CHECKING:
    from linkage.counting import SampleStatus

__all__ = [
    "ANSWERS_EXAMPLE",
    "DRAW_EXAMPLE",
    "QUESTIONS_EXAMPLE",
    "STATUS_EXAMPLE",
    "answers",
    "draw",
    "questions",
    "status",
]

DRAW_EXAMPLE: Final = """\b
Example: linkage sample draw national --records 200 --out questions.csv
  Sample 1 of 200 records was drawn.
    stratum         records  drawn
    alone, unknown      138     89
    alone, little        24     17
    alone, much           6      2
    few, little          72     21
    others            2,601     71
\b
How many answers it takes, without drawing any:
  linkage sample draw national --precision 2%
  For a range of 2 % on either side of the number of persons 168 answers are needed.
\b
Strata: the only record of its person that was compared with no other (alone, unknown), that
has at most a birth year (alone, little) or more (alone, much); one of two or three records
with at most a birth year (few, little); all others. Those that are missed most often are
drawn most often, and each answer counts by its stratum."""

QUESTIONS_EXAMPLE: Final = """\b
Example: linkage sample questions national --reporter police --out police-questions.csv
\b
A file has these columns; who answers fills in the last two:
  question,reporter,record_id,asked,same_person,wrong_fields
  1,shelter,sh-17,yes,yes,
  1,police,pol-3,no,yes,birth_date
  1,police,pol-801,no,yes,
\b
asked         yes: the record that was drawn; no: the registry found it to be of the same person
same_person   yes or no. Add a row for each other record of the person; here pol-801 was added
wrong_fields  names of fields, with spaces between: number foreign_number given_names
              family_names birth_date sex. Names only, never a value"""

ANSWERS_EXAMPLE: Final = """\b
Example: linkage sample answers national questions.csv
  Sample 1: 198 of 200 questions are answered.
  18 records are parts of persons that were missed.
  Persons counted twice because their records never met: 33 (23-43), by sample of 198.
\b
The rows of one question come in one file, whoever knows them. Rows without same_person are
still open. A question that comes again replaces what was answered before."""

STATUS_EXAMPLE: Final = """\b
Example: linkage sample status national
  Sample 1: 198 of 200 questions are answered.
  ..."""

OutOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE.csv", help="Write the questions, for the owner of the file; - for standard output."),
]


def draw(
    registry: RegistryArgument,
    records: Annotated[int | None, typer.Option(metavar="N", help="How many records to ask about.")] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT",
            help="Draw nothing; say how many answers make the range so many percent of the persons on either side.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Draw the same sample again. Default: a random one.")
    ] = None,
    out: OutOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Draw a probability sample of records about which reporters are to be asked.

    How many persons count twice, because their records share no match key, is estimated by an assumption; every range
    says so. Answers about a sample replace the assumption. Strata and inclusion probabilities are stored with the
    sample, and the latest sample is the one that counts.

    A file of questions has record ids of several reporters and says which of them are one person: it is for the
    registry. What goes to a reporter is linkage sample questions --reporter.
    """
    if (records is None) == (precision is None):
        raise wrong_option("--records", "Give --records, or --precision to see how many answers it takes.")
    samples = registry_class().open(registry, wait=wait).samples
    if out is not None and as_json:
        raise wrong_option("--out", "Choose --out or --json, not both.")
    if precision is not None:
        _print_needed(samples.needed(_percent(precision)), precision, as_json=as_json)
        return
    assert records is not None  # Checked above.
    if out is not None and out != STANDARD_OUTPUT:
        from linkage.answers import QUESTIONS_FILE, check_export

        # A sample that is drawn replaces the last one, so the path is checked first.
        check_export(out, QUESTIONS_FILE)
    drawn = samples.draw(records, seed=seed)
    if out is not None:
        _write(samples.questions(), out)
    if as_json:
        print_json(drawn.to_dict())
    elif out != STANDARD_OUTPUT:
        typer.echo(f"Sample {drawn.sample} of {counted(drawn.questions, 'record')} was drawn.")
        typer.echo(_strata(drawn))


def questions(
    registry: RegistryArgument,
    reporter: Annotated[
        str | None,
        typer.Option(metavar="REPORTER", help="Only rows about its own records.", autocompletion=reporters),
    ] = None,
    out: OutOption = STANDARD_OUTPUT,
    wait: WaitOption = WAIT,
) -> None:
    """Write the questions of the last sample to fill in, all of them or those about the records of one reporter.

    A reporter gets back its own record ids only. Whoever gathers the answers puts the rows of one question together
    again by its number.
    """
    text = registry_class().open(registry, wait=wait).samples.questions(reporter=reporter)
    _write(text, out or STANDARD_OUTPUT)


def answers(
    registry: RegistryArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A file of questions that was filled in, in UTF-8.")],
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Take answers: which records are of the same person, and which fields of them are wrong.

    If any row is bad, each is named by its line, and nothing is taken. No link and no person changes by an answer; what
    changes are the ranges, which from now on say by sample of how many answers.
    """
    opened = registry_class().open(registry, wait=wait)
    try:
        taken = opened.samples.take(file)
    except RosterError as error:
        for line, rule in error.faults:
            say(f"{file}, line {line}: {error.rules[rule]} ({rule})", err=True)
        faults = [{"row": line, "rule": rule, "message": error.rules[rule]} for line, rule in error.faults]
        raise Unfinished(error, {"faults": faults}) from None
    _print(taken, as_json=as_json)


def status(registry: RegistryArgument, wait: WaitOption = WAIT, as_json: JsonOption = False) -> None:
    """Show the last sample, how much of it is answered, and what the answers say."""
    _print(registry_class().open(registry, wait=wait).samples.status(), as_json=as_json)


def _print(shown: SampleStatus, *, as_json: bool) -> None:
    if as_json:
        print_json(shown.to_dict())
    else:
        typer.echo("\n".join(_lines(shown)))


def _lines(shown: SampleStatus) -> Iterator[str]:
    yield f"Sample {shown.sample}: {shown.answered} of {counted(shown.questions, 'question')} are answered."
    yield _strata(shown)
    if shown.answered:
        yield f"{counted(shown.missed, 'record')} of these: parts of persons that were missed."
    for field, n in shown.wrong_fields.items():
        yield f"Wrong {field}: {counted(n, 'record')}."
    if shown.joins:
        reach = 1.96 * shown.standard_deviation
        low, high = max(round(shown.joins - reach), 0), round(shown.joins + reach)
        found = f"{round(shown.joins)} ({low}-{high}), {shown.basis}"
        yield wrapped(f"Persons counted twice because their records never met: {found}.")


def _strata(shown: SampleStatus) -> str:
    return table_text(["stratum", "records", "drawn"], [[name, n, drawn] for name, (n, drawn) in shown.strata.items()])


def _print_needed(found: int | None, precision: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"precision": precision, "answers": found})
    elif found is None:
        typer.echo(wrapped(f"Not even answers about all records make a range of {precision} on either side."))
    else:
        typer.echo(
            wrapped(
                f"For a range of {precision} on either side of the number of persons {counted(found, 'answer')} "
                f"{'is' if found == 1 else 'are'} needed. What undecided pairs add to it is not in this."
            )
        )


def _percent(text: str) -> float:
    if not re.fullmatch(r"\d{1,2}(\.\d{1,3})?\s?%", text.strip(), re.ASCII):
        raise wrong_option("--precision", "Write a number of percent: --precision 5%.")
    return float(text.strip().rstrip("%")) / 100


def _write(text: str, out: Path) -> None:
    if out == STANDARD_OUTPUT:
        print_file(text)
        return
    from linkage.answers import write_questions

    write_questions(text, out)
