"""The command `python -m benchmarks.speed`."""

from __future__ import annotations

import typer

from benchmarks.speed.commands.cluster import engines, paper
from benchmarks.speed.commands.registry import incremental, link, memory, pairs, receive, tables
from benchmarks.speed.commands.reporter import encode, file_, seal, wire

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Measure the speed of encoding and sealing at reporters, and of receiving and linking at a registry.",
)


@app.callback()
def _speed() -> None:
    """Measure the speed of encoding at reporters, and of receiving and linking at a registry."""


app.command()(encode)
app.command("file")(file_)
for command in (receive, link, memory, engines, paper, incremental, pairs, seal, wire, tables):
    app.command()(command)


if __name__ == "__main__":
    app()
