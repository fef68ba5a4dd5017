"""The options by which a command compares pairs on a cluster."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from linkage.errors import needing_extra

if TYPE_CHECKING:
    from linkage.pipeline import Cluster

__all__ = ["EngineName", "EngineOption", "RemoteOption", "ScratchOption", "cluster_of"]


class EngineName(Enum):
    """The engines, by their names on the command line."""

    EMBEDDED = "embedded"
    SPARK = "spark"


EngineOption = Annotated[EngineName, typer.Option(help="Where to join codes and compare pairs.")]
RemoteOption = Annotated[
    str | None,
    typer.Option(
        metavar="sc://HOST:PORT",
        help="With --engine spark: the Spark Connect server. Default: SPARK_REMOTE, for an address with a token.",
    ),
]
ScratchOption = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER|URL",
        help="With --engine spark: where the enciphered codes of the run lie; this computer and all workers reach it.",
    ),
]


def cluster_of(engine: EngineName, remote: str | None, scratch: str | None) -> Cluster | None:
    """Return the cluster that options name.

    Raises:
        typer.BadParameter: Options are missing, or are for another engine.
        MissingExtraError: The extra `registry` is not installed.
    """
    if engine is EngineName.EMBEDDED:
        if remote is not None or scratch is not None:
            raise typer.BadParameter("--remote and --scratch need --engine spark.")
        return None
    address = remote or os.environ.get("SPARK_REMOTE")
    if not address or not scratch:
        raise typer.BadParameter("--engine spark needs --scratch, and --remote or SPARK_REMOTE.")
    with needing_extra():
        from linkage.pipeline import Cluster
    return Cluster(address, scratch)
