"""The command `python -m benchmarks.attacks`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.attacks.frontier.command import sweep
from benchmarks.attacks.gates import GATES
from benchmarks.attacks.on_registries.body_keys import figures as body_key_figures
from benchmarks.attacks.on_registries.clusters import figures as cluster_figures
from benchmarks.attacks.on_registries.coarsening import figures as household_figures
from benchmarks.attacks.on_registries.drawn_trials import figures as drawn_figures
from benchmarks.attacks.on_registries.forging import figures as forging_figures
from benchmarks.attacks.on_registries.probing import figures as probing_figures
from benchmarks.attacks.on_registries.settled import figures as settled_figures
from benchmarks.attacks.on_registries.split import figures as split_figures
from benchmarks.attacks.on_registries.stolen import figures as stolen_figures
from benchmarks.attacks.pages.docs import write_docs
from benchmarks.attacks.suite import QUALITY_PERSONS, Run, measure, quality_rows
from benchmarks.attacks.trials import ATTACKS, SUITES
from benchmarks.cache import Cache
from benchmarks.results import write_result
from benchmarks.terminal import wide_console
from pseudonym.errors import ProfileError
from pseudonym.profile import Profile, load_profile

HELP: Final = """Attack a profile as a curious registry could, and check the gates that it must pass.

The attacker holds all codes, the profile, the source code and every person's plaintext, but no key. Each figure is the
share of records whose person it identifies, beside chance, the share of records that share a match key with another
person, and the recall of the profile.

\b
  python -m benchmarks.attacks --profile case-registry --check
  python -m benchmarks.attacks --profile my.json --gates case-registry --suite full --out my-attacks.json
  python -m benchmarks.attacks --list
  python -m benchmarks.attacks --profile population --only known

Exit status: 0; with --check, 1 if a gate is missed or a positive control shows that an attack is broken.
Others have commands of their own: `frontier` sweeps profiles; `stolen` attacks a stolen registry file with a leaked
linkage key; `settled` attacks the linkage unit with its own key, before and after a purge, `clusters` by what it has
linked; `split` shows what each reader would see if that unit were split; `households` attacks the statistics unit with
a register of households, and `draws` by what it keeps after a purge too; `body-keys` tells noise from real codes by a
leaked linkage key; `forging` hands in forged and replayed files; `probing` sends records to learn who is known;
`docs` regenerates the tables of the pages from the result files.
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, help=HELP)

WIDTH: Final = 130
CONTROL_RECORDS: Final = 1000

ProfileOption = Annotated[str, typer.Option(help="Name of a profile, or a profile file.")]
OutOption = Annotated[Path | None, typer.Option(help="Result file to write, JSON.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Exit with status 1 if a gate is missed.")]


@app.callback(invoke_without_command=True, help=HELP)
def attack(
    context: typer.Context,
    profile: ProfileOption = "case-registry",
    suite: Annotated[
        str, typer.Option(help="quick, full (within half an hour of processor time), or edges: the edge fingerprint.")
    ] = "quick",
    out: OutOption = None,
    check: CheckOption = False,
    gates: Annotated[str | None, typer.Option(help="Use the gates of this profile.")] = None,
    only: Annotated[str | None, typer.Option(help="Run only this attack, without quality and controls.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder with the ESSnet files, for their gate.")] = None,
    kept: Annotated[
        Path | None, typer.Option(help="File that keeps the counts of each trial, so that a run can be resumed.")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List attacks, suites and trials.")] = False,
) -> None:
    """Attack one profile."""
    if context.invoked_subcommand is not None:
        return
    console = wide_console(WIDTH)
    if list_:
        _list(console)
        return
    if suite not in SUITES or only not in (None, *ATTACKS) or gates not in (None, *GATES):
        raise typer.BadParameter("Unknown suite, attack or profile with gates; --list shows them all.")
    run = _run(_load(profile), suite, console, gates=gates, only=only, data=data, kept=kept)
    _show(run, console)
    if out is not None:
        command = f"python -m benchmarks.attacks --profile {Path(profile).name} --suite {suite}"
        command += (f" --only {only}" if only else "") + (" --data DIR" if data is not None else "")
        write_result(out.stem, run.figures(), command=command, seed=1, folder=out.parent)
        console.print(f"Written: {out}", highlight=False)
    if check and run.failed:
        raise typer.Exit(1)


def _load(profile: str) -> Profile:
    try:
        return load_profile(profile)
    except ProfileError as error:
        raise typer.BadParameter(str(error)) from None


def _run(
    profile: Profile,
    suite: str,
    console: Console,
    *,
    gates: str | None,
    only: str | None,
    data: Path | None,
    kept: Path | None,
) -> Run:
    """Run a suite and show progress: in one line on a terminal, line by line elsewhere."""
    trials = [trial for trial in SUITES[suite] if only in (None, trial.attack)]
    with console.status("…") as status:

        def say(text: str) -> None:
            if console.is_terminal:
                status.update(text)
            else:
                console.print(text, highlight=False)

        persons = QUALITY_PERSONS.get(suite, 0)
        rows = quality_rows(profile, persons=persons, data=data, say=say) if only is None and persons else []
        records = CONTROL_RECORDS if only is None else 0
        return measure(profile, trials, quality=rows, control_records=records, gates=gates, kept=Cache(kept), say=say)


def _list(console: Console) -> None:
    table = Table(title="Attacks")
    table.add_column("attack", no_wrap=True)
    table.add_column("what it does")
    for name, (_, what) in ATTACKS.items():
        table.add_row(name, what)
    table.add_row("keyholder", "a dictionary made with the linkage key: a fact, always printed")
    console.print(table)
    for suite, trials in SUITES.items():
        console.print(f"{suite}: {len(trials)} trials, three seeds each unless it says fewer")
        for trial in trials:
            console.print(f"  {trial.name()}{f', {trial.seeds} of the seeds' if trial.seeds else ''}", highlight=False)


def _show(run: Run, console: Console) -> None:
    table = Table(
        title=f"Attacks on {run.profile}", caption="Three seeds, unless the trial has fewer; 95 % Wilson limits."
    )
    table.add_column("trial")
    for header in ("re-identified", "upper limit", "of those\nsharing", "top 50\nright", "chance", "sharing"):
        table.add_column(header, justify="right", no_wrap=True)
    for row in run.rows:
        if row["attack"] != "quality":
            table.add_row(*_cells(row))
    console.print(table)
    for row in run.rows:
        if row["attack"] == "quality":
            recall = "–" if row["candidate_recall"] is None else f"{row['candidate_recall']:.4f}"
            console.print(f"{row['title']}: candidate recall {recall}, F1 {row['f1']:.4f}", highlight=False)
    _show_verdicts(run, console)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    sharing = row["groups"].get("sharing", {"re_identified": 0.0})["re_identified"]
    return (
        row["title"],
        f"{row['re_identified']:.2%}",
        f"{row['upper_limit']:.2%}",
        f"{sharing:.1%}",
        f"{row['top_precision']:.2f}",
        f"{row['chance']:.3%}",
        f"{row['share_rate']:.1%}",
    )


def _show_verdicts(run: Run, console: Console) -> None:
    for control in run.controls:
        beside = "" if control.strong is None else f", {control.beside} {control.strong:.1%}"
        console.print(
            f"control {control.name}: {control.weak:.1%}{beside}: {'works' if control.works else 'BROKEN'}",
            highlight=False,
        )
    for verdict in run.verdicts:
        figure = "" if verdict.figure is None else f" ({verdict.figure:.2%})"
        console.print(f"gate {verdict.state}: {verdict.gate}{figure}", highlight=False)
    if not run.verdicts:
        console.print("This profile has no gates; --gates NAME applies those of another.", highlight=False)
    fact = run.facts["keyholder"]
    if fact["seconds_for_all"] is not None:
        console.print(
            f"fact: anyone with the linkage key and the codes can try all {fact['numbers_in_question']:,} numbers in "
            f"{fact['seconds_for_all'] / 60:.0f} minutes on one core.",
            highlight=False,
        )
    if run.broken:
        console.print("An attack is broken: this run does not show that the encoding is strong.", style="bold")
    console.print(
        f"{run.cpu_seconds:.0f} s of processor time; data digest {run.figures()['data_digest'][:16]}", highlight=False
    )


app.command(name="frontier")(sweep)


@app.command()
def stolen(profile: ProfileOption = "case-registry", out: OutOption = None, check: CheckOption = False) -> None:
    """Attack a stolen registry file with a leaked linkage key, with and without the registry key; two minutes."""
    found = _measured(stolen_figures, profile)
    if not all(found["works"].values()):
        _broken("it names too few persons where codes are not enciphered")
    _end("stolen", found, profile, out, check=check)


@app.command()
def settled(profile: ProfileOption = "case-registry", out: OutOption = None, check: CheckOption = False) -> None:
    """Attack the linkage unit with its own key, before and after a purge; three minutes."""
    found = _measured(settled_figures, profile)
    if not found["works"]:
        _broken("it names too few persons before the purge")
    _end("settled", found, profile, out, check=check)


@app.command()
def split(profile: ProfileOption = "case-registry", out: OutOption = None) -> None:
    """Attack with what a joiner and a comparer would see if the linkage unit were split in two; ten minutes."""
    found = _measured(split_figures, profile)
    if not found["works"]:
        _broken("it names too few persons where everything is seen")
    _end("split", found, profile, out, check=True)


@app.command()
def households(profile: ProfileOption = "case-registry", out: OutOption = None, check: CheckOption = False) -> None:
    """Attack the statistics unit by payload and cases, with a register of households; ten minutes."""
    _attack_alone("households", household_figures, profile, out, check=check)


@app.command()
def draws(profile: ProfileOption = "case-registry", out: OutOption = None, check: CheckOption = False) -> None:
    """Attack the statistics unit after a purge, with the draws that it keeps and without; six minutes."""
    _attack_alone("draws", drawn_figures, profile, out, check=check)


@app.command(name="body-keys")
def body_keys(profile: ProfileOption = "case-registry", out: OutOption = None, check: CheckOption = False) -> None:
    """Tell noise from real codes by a leaked linkage key, where reporters have body keys and where not; two minutes."""
    _attack_alone("body-keys", body_key_figures, profile, out, check=check)


@app.command()
def clusters(profile: ProfileOption = "case-registry", out: OutOption = None, check: CheckOption = False) -> None:
    """Attack the linkage unit of a registry of case files, by the persons that it has linked; seven minutes."""
    _attack_alone("clusters", cluster_figures, profile, out, check=check)


@app.command()
def forging(profile: ProfileOption = "case-registry", out: OutOption = None, check: CheckOption = False) -> None:
    """Hand in forged, altered and replayed files at a registry whose reporters are enrolled; two minutes."""
    _attack_alone("forging", forging_figures, profile, out, check=check)


@app.command()
def probing(profile: ProfileOption = "case-registry", out: OutOption = None, check: CheckOption = False) -> None:
    """Send records of known and unknown persons as a reporter, and learn from what comes back; five minutes."""
    _attack_alone("probing", probing_figures, profile, out, check=check)


def _attack_alone(
    name: str, figures: Callable[..., dict[str, Any]], profile: str, out: Path | None, *, check: bool
) -> None:
    """Run an attack whose controls have names, and say which of these show that it is broken."""
    found = _measured(figures, profile)
    for control, works in found["works"].items():
        if not works:
            _broken(f"this control fails: {control}")
    _end(name, found, profile, out, check=check)


def _measured(figures: Callable[..., dict[str, Any]], profile: str) -> dict[str, Any]:
    """Attack a profile, and show rows and verdicts."""
    console = wide_console(WIDTH)
    found = figures(_load(profile), say=lambda text: console.print(text, highlight=False))
    for row in found["rows"]:
        console.print(f"{row['title']}: {row['re_identified']:.2%} (up to {row['upper_limit']:.2%})", highlight=False)
    for verdict in found["verdicts"]:
        figure = "" if verdict["figure"] is None else f" ({verdict['figure']:.2%})"
        console.print(f"gate {verdict['state']}: {verdict['gate']}{figure}", highlight=False)
    return found


def _broken(why: str) -> None:
    wide_console(WIDTH).print(f"An attack is broken: {why}.", style="bold")


def _end(name: str, found: dict[str, Any], profile: str, out: Path | None, *, check: bool) -> None:
    """Write the result file, and fail if a gate is missed."""
    if out is not None:
        command = f"python -m benchmarks.attacks {name} --profile {Path(profile).name}"
        write_result(out.stem, found, command=command, seed=1, folder=out.parent)
        wide_console(WIDTH).print(f"Written: {out}", highlight=False)
    if check and found["failed"]:
        raise typer.Exit(1)


@app.command()
def docs() -> None:
    """Regenerate the sections of docs/threat-model.md and docs/explanation/profiles.md from the result files."""
    for path in write_docs():
        typer.echo(f"Written: {path}")


if __name__ == "__main__":
    app()
