"""The options by which a command compares pairs on a cluster."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from linkage.errors import needing_extra

if TYPE_CHECKING:
    from linkage.pipeline import Cluster

__all__ = ["EngineName", "EngineOption", "MasterOption", "RemoteOption", "ScratchOption", "cluster_of"]


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
MasterOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="With --engine spark, in place of --remote: the master of a Spark cluster (spark://HOST:PORT, yarn, "
        "k8s://...), whose driver then runs here. It needs Java and the whole of pyspark. For a trial, 'local[2]' uses "
        "two processes of this computer.",
    ),
]
ScratchOption = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER|URL",
        help="With --engine spark: where the enciphered codes of the run lie; this computer and all workers reach it.",
    ),
]


def cluster_of(engine: EngineName, remote: str | None, master: str | None, scratch: str | None) -> Cluster | None:
    """Return the cluster that options name.

    Raises:
        typer.BadParameter: Options are missing, are for another engine, or name two clusters or something else.
        MissingExtraError: The extra `registry` is not installed.
    """
    if engine is EngineName.EMBEDDED:
        if remote is not None or master is not None or scratch is not None:
            raise typer.BadParameter("--remote, --master and --scratch need --engine spark.")
        return None
    if remote and master:
        raise typer.BadParameter("--remote names a server, --master a cluster whose driver runs here: give one.")
    address = master or remote or os.environ.get("SPARK_REMOTE")
    if not address or not scratch:
        raise typer.BadParameter("--engine spark needs --scratch, and --remote, --master or SPARK_REMOTE.")
    with needing_extra():
        from linkage.pipeline import Cluster
    cluster = Cluster(address, scratch)
    if cluster.is_master != bool(master):
        raise typer.BadParameter(
            "--master takes spark://HOST:PORT, yarn, k8s://... or local[N], and --remote takes sc://HOST:PORT."
        )
    return cluster
