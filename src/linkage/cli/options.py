"""Arguments and options that several commands share, and how commands load the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.errors import needing_extra
from pseudonym.console import offering

if TYPE_CHECKING:
    from linkage.pipeline import Registry

__all__ = [
    "WAIT",
    "BeyondMemoryOption",
    "JsonOption",
    "KeyOption",
    "RegistryArgument",
    "StatisticsKeyOption",
    "TableOutOption",
    "ThreadsOption",
    "WaitOption",
    "registry_class",
    "reporters",
]

WAIT: Final = 5.0
"""Seconds to wait for another process by default. Not imported from `linkage.store`, which needs the extra."""

RegistryArgument = Annotated[Path, typer.Argument(metavar="REGISTRY", help="The registry, a folder.")]
BeyondMemoryOption = Annotated[
    bool, typer.Option("--beyond-memory", help="Begin even if more memory is expected to be needed than there is.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="Threads to use. Default: one per core.")]
WaitOption = Annotated[
    float, typer.Option(min=0, max=86400, help="Seconds to wait while another process uses the registry.")
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        help="The registry's own key file. Default: LINKAGE_REGISTRY_KEY, or REGISTRY.key beside the registry."
    ),
]
TableOutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the counts: .csv, .parquet or .xlsx; - for standard output, as CSV. Each row says what it counts.",
    ),
]
StatisticsKeyOption = Annotated[
    Path | None,
    typer.Option(
        help="The key file of the statistics unit. Default: LINKAGE_STATISTICS_KEY, or REGISTRY.statistics.key beside "
        "the registry."
    ),
]


def reporters(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the codes of the reporters that begin with a text, for completion in a shell.

    Args:
        ctx: The command line as far as it has been typed; it must name the registry.
        incomplete: The text.
    """

    def known() -> list[str]:
        opened = registry_class().open(ctx.params["registry"], wait=0)
        return sorted(set(opened.coverage()["reporter"].to_pylist()))

    return offering(known)(incomplete)


def registry_class() -> type[Registry]:
    """Load the pipeline, which needs the extra `registry`; `--help` and `--version` work without it.

    Raises:
        MissingExtraError: A package of the extra is not installed.
    """
    with needing_extra():
        from linkage.pipeline import Registry
    return Registry
