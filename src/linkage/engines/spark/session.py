"""Where the cluster is, and the connection to it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from linkage.errors import ClusterError, MissingExtraError
from pseudonym.extras import how_to_install
from pseudonym.own_process import need_pandas

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["Cluster", "cluster_errors", "connect"]

FIRST_RETRIES: Final = 3
"""Retries of the first question, some seconds in all. Later ones are repeated for ten minutes, as the client does."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster to link on.

    Attributes:
        remote: Its Spark Connect server, as `sc://HOST:PORT`, with parameters as Spark takes them.
        scratch: A folder or a URL that this process and all workers can read and write. A run puts the enciphered codes
            there, and removes them.
        partitions: Number of partitions, if more than the number of codes asks for.
    """

    remote: str
    scratch: str
    partitions: int = 1

    def __repr__(self) -> str:
        """Show neither the address, which may hold a token, nor a path."""
        return "<Cluster>"


def connect(cluster: Cluster) -> SparkSession:
    """Open a session.

    Args:
        cluster: The cluster.

    Returns:
        A session of its own, to be stopped by the caller.

    Raises:
        MissingExtraError: `extra.spark`.
        ClusterError: `cluster.address` if it is not the address of a Spark Connect server, `cluster.unreachable` if
            none answers there.
    """
    # PySpark says that it is not installed where pandas is not.
    need_pandas()
    try:
        with _as_a_program():
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
            from pyspark.sql.connect.client.retries import DefaultPolicy
    except ImportError:
        raise MissingExtraError(
            "extra.spark", "The engine needs packages that are not installed.", hint=how_to_install("spark")
        ) from None
    try:
        session = SparkSession.builder.remote(cluster.remote).create()
    except PySparkException:
        raise ClusterError(
            "cluster.address",
            "The address is not that of a Spark Connect server.",
            hint="It has the form sc://HOST:PORT.",
        ) from None
    try:
        with warnings.catch_warnings():
            # It warns of the retries that it has given up; the error says so.
            warnings.simplefilter("ignore")
            session.client.set_retry_policies([DefaultPolicy(max_retries=FIRST_RETRIES)])
            _ = session.version
            session.client.set_retry_policies([DefaultPolicy()])
    except PySparkException:
        # Otherwise it asks the server once more when this process ends.
        session.client.close()
        raise ClusterError(
            "cluster.unreachable",
            "No Spark Connect server answers at that address.",
            hint="Check host, port and token, and that the server runs: docs/how-to/run-on-spark.md.",
        ) from None
    return session


@contextmanager
def _as_a_program() -> Iterator[None]:
    """Import PySpark inside this block: in `python -c` it believes to be in its own doctests, and exits."""
    try:
        _ = sys.ps1
    except AttributeError:
        pass
    else:
        yield
        return
    sys.ps1 = ""
    try:
        yield
    finally:
        del sys.ps1


@contextmanager
def cluster_errors() -> Iterator[None]:
    """Raise what a cluster reports as an error of this library.

    Raises:
        ClusterError: `cluster.failed`; the cluster's own message may show what it worked on, and is not repeated.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        raise ClusterError(
            "cluster.failed",
            "The cluster could not finish its part of the run; nothing was stored.",
            hint=f"Its log says why ({type(error).__name__}); docs/how-to/run-on-spark.md has the usual causes.",
        ) from None
