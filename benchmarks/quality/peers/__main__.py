"""The command `python -m benchmarks.quality.peers`: repeat the examples in the documentation of each peer."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from benchmarks.quality.peers.documented import DOCUMENTED, repeat
from benchmarks.results import write_result

SEED = 1


def main() -> None:
    """Repeat the documented examples on FEBRL 4, and write the result file."""
    found = {worker: repeat(worker, seed=SEED) for worker in DOCUMENTED}
    table = Table(title="FEBRL 4, as the peers' own documents link it", box=None)
    for header in ("peer", "document", "links", "right", "links here", "right here"):
        table.add_column(header, no_wrap=True, justify="left" if header in ("peer", "document") else "right")
    for worker, said in DOCUMENTED.items():
        here = found[worker]
        table.add_row(
            worker, said.source, *(f"{n:,}" for n in (said.links, said.correct, here["links"], here["correct"]))
        )
    Console(width=120).print(table)
    figures = {worker: {"documented": asdict(DOCUMENTED[worker]), "here": here} for worker, here in found.items()}
    path = write_result("peers-documented", figures, command="python -m benchmarks.quality.peers", seed=SEED)
    print(f"Written: {path}")


if __name__ == "__main__":
    main()
