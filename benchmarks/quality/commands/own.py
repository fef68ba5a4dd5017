"""The command `python -m benchmarks.quality own`: one's own records, and somebody's encoding beside this library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from benchmarks.quality.data.datasets import Dataset
from benchmarks.quality.data.own import own_dataset
from benchmarks.quality.figures.summary import measure
from benchmarks.quality.found import Found
from benchmarks.quality.pages.report import beside
from benchmarks.quality.run import run
from benchmarks.terminal import wide_console
from pseudonym.cli.options import Column, read_columns
from pseudonym.console import Failure, counted, print_failure, print_json
from pseudonym.errors import PseudonymError

__all__ = ["own"]

WIDTH: Final = 120
SEED: Final = 2

_NOT_PRINTED: Final = ("bins", "curve")
"""What a plot needs and a reader does not."""


def own(
    records: Annotated[
        list[Path],
        typer.Option(help="CSV file or workbook of records, as for 'pseudonym encode'; repeatable.", metavar="FILE"),
    ],
    truth: Annotated[
        Path, typer.Option(help="CSV file or workbook with reporter, record_id and person_id.", metavar="FILE")
    ],
    encoder: Annotated[
        list[str] | None,
        typer.Option(
            help="Somebody's encoding, measured beside this library: --encoder pseudonym.classic:encode_records. "
            "Repeatable.",
            metavar="MODULE:FUNCTION",
            show_default=False,
        ),
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Dice coefficient from which filters of encoders are linked.")
    ] = 0.8,
    pairs: Annotated[
        Literal["all", "keys"],
        typer.Option(help="Which filters are compared: all, or those that share a match key of a coarse profile."),
    ] = "all",
    peer: Annotated[
        list[str] | None,
        typer.Option(help="Another method beside it, such as anonlink or splink; repeatable.", show_default=False),
    ] = None,
    column: Column = None,
    profile: Annotated[str, typer.Option(help="Name of a profile, or a profile file.")] = "case-registry",
    seed: Annotated[int, typer.Option(help="Seed of the linkage key and of the secret of encoders.")] = SEED,
    json_: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Link your own records, whose persons you know, and show how well; nothing is written.

    A column reporter in the records says whose record a row is; without it, each file is a reporter. The truth has the
    columns reporter,record_id,person_id. The figures are those of the known data sets: pairs under the default decision
    and at the best threshold, single best links between reporters, and persons.

    benchmarks/README.md says what an encoder is.
    """
    with _failing():
        # The packages of encoders and peers are loaded only where they are used.
        from benchmarks.quality.studies.encoders import link_encoded, load_encoder

        encoders = {name: load_encoder(name) for name in encoder or ()}
        _check_peers(peer or ())
        found = own_dataset(records, truth, columns=read_columns(column))
        if found.n_rejected:
            typer.echo(f"Rows that cannot be read and are left out: {found.n_rejected:,}.", err=True)
        answers = [run(found.dataset, profile=profile, seed=seed)]
        answers += [
            link_encoded(found.dataset, encode, name=name, seed=seed, threshold=threshold, pairs=pairs)
            for name, encode in encoders.items()
        ]
        answers += _peers(found.dataset, peer or (), seed=seed)
    _show(found.dataset, answers, as_json=json_)


@contextmanager
def _failing() -> Iterator[None]:
    """Show an error of the library as its commands do, and end with its status."""
    try:
        yield
    except PseudonymError as error:
        failure = Failure(
            rule=error.rule,
            message=error.message,
            hint=error.hint,
            path=error.path,
            row=error.row,
            exit_status=error.exit_status,
        )
        print_failure("quality", failure)
        raise typer.Exit(error.exit_status) from None


def _check_peers(names: Sequence[str]) -> None:
    if names:
        from benchmarks.quality.peers import PEERS

        unknown = [name for name in names if name not in PEERS]
        if unknown:
            raise typer.BadParameter(f"must be one of {', '.join(PEERS)}", param_hint="--peer")


def _peers(dataset: Dataset, names: Sequence[str], *, seed: int) -> list[Found]:
    if not names:
        return []
    from benchmarks.quality.peers import peers_of, run_peer

    able = peers_of(dataset)
    for name in names:
        if name not in able:
            typer.echo(f"{name} links between reporters only, and there is one: left out.", err=True)
    return [run_peer(name, dataset, seed=seed) for name in names if name in able]


def _show(dataset: Dataset, answers: Sequence[Found], *, as_json: bool) -> None:
    figures = {found.title: measure(dataset, found) for found in answers}
    n_reporters, n_records = len(dataset.reporters), len(dataset.truth)
    if as_json:
        printed = {
            title: {name: value for name, value in one.items() if name not in _NOT_PRINTED}
            for title, one in figures.items()
        }
        print_json({"reporters": n_reporters, "records": n_records, "methods": printed})
        return
    title = f"{dataset.title}: {counted(n_records, 'record')} of {counted(n_reporters, 'reporter')}"
    wide_console(WIDTH).print(beside(title, figures))
