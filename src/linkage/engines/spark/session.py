"""Where the cluster is, and the connection to it: a server that speaks Spark Connect, or a master of Apache Spark.

With a master, this process starts Spark's driver in a Java machine of its own, which then asks the cluster for workers.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from linkage.errors import ClusterError, MissingExtraError
from pseudonym.extras import how_to_install
from pseudonym.own_process import need_pandas

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["Cluster", "cluster_errors", "connect", "disconnect"]

FIRST_RETRIES: Final = 3
"""Retries of the first question, some seconds in all."""

RETRIES: Final = 6
"""Retries of later ones, about a minute; the client's own limit is ten minutes. A server that starts again knows
nothing of the session, so there is nothing to wait for but a network that pauses."""

MASTER: Final = re.compile(r"local(\[[^\]]+\])?|spark://[^/]+:\d+|k8s://.+|yarn")
"""Addresses of masters."""

_LOCAL: Final = "local"

_SETTINGS: Final = {
    # Nobody but this process asks the driver anything, and a page of it would show the plans of the run.
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Its messages may show what a worker worked on.
    "spark.log.level": "OFF",
}

_WHOLE_SPARK: Final = "pyspark[connect]>=4"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster to link on.

    Attributes:
        remote: Its Spark Connect server, as `sc://HOST:PORT`, with parameters as Spark takes them; or a master of
            Apache Spark: `spark://HOST:PORT`, `yarn`, `k8s://...`, or `local[N]` for N processes on this machine.
        scratch: A folder or a URL that this process and all workers can read and write. A run puts the enciphered codes
            there, and removes them.
        partitions: Number of partitions, if more than the number of codes asks for.
    """

    remote: str
    scratch: str
    partitions: int = 1

    @property
    def is_master(self) -> bool:
        """Whether `remote` is a master, whose driver this process starts."""
        return MASTER.fullmatch(self.remote) is not None

    def __repr__(self) -> str:
        """Show neither the address, which may hold a token, nor a path."""
        return "<Cluster>"


def connect(cluster: Cluster) -> SparkSession:
    """Open a session.

    Args:
        cluster: The cluster.

    Returns:
        A session of its own, to be ended by `disconnect`.

    Raises:
        MissingExtraError: `extra.spark`, also if there is a master and only the client of Spark Connect is installed.
        ClusterError: `cluster.address` if it is neither the address of a Spark Connect server nor that of a master,
            `cluster.unreachable` if none answers there, `cluster.java` if Spark's driver cannot be started here.
    """
    # PySpark says that it is not installed where pandas is not.
    need_pandas()
    try:
        with _as_a_program():
            from pyspark.sql import SparkSession

            if not cluster.is_master:
                importlib.import_module("pyspark.sql.connect.session")
    except ImportError:
        raise MissingExtraError(
            "extra.spark", "The engine needs packages that are not installed.", hint=how_to_install("spark")
        ) from None
    if cluster.is_master:
        return _started(cluster.remote, SparkSession.builder)
    return _connected(cluster.remote, SparkSession.builder)


def _connected(address: str, builder: SparkSession.Builder) -> SparkSession:
    """Open a session on a Spark Connect server."""
    from pyspark.errors import PySparkException

    try:
        session = builder.remote(address).create()
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
            _retry(session, FIRST_RETRIES)
            _ = session.version
            _retry(session, RETRIES)
    except PySparkException:
        # Otherwise it asks the server once more when this process ends.
        session.client.close()
        raise ClusterError(
            "cluster.unreachable",
            "No Spark Connect server answers at that address, or it refuses this client.",
            hint="Check host, port, token and version, and that the server runs: docs/how-to/run-on-spark.md.",
        ) from None
    return session


def _retry(session: SparkSession, times: int) -> None:
    """Let a session on a server repeat what was not answered; the client of Spark 3.5 has a limit of its own."""
    with suppress(ImportError):
        from pyspark.sql.connect.client.retries import DefaultPolicy

        session.client.set_retry_policies([DefaultPolicy(max_retries=times)])


def _started(master: str, builder: SparkSession.Builder) -> SparkSession:
    """Start the driver of a master in a Java machine."""
    try:
        importlib.import_module("pyspark.java_gateway")
    except ImportError:
        raise MissingExtraError(
            "extra.spark",
            "A master needs the whole of Spark, and only the client of Spark Connect is installed.",
            hint=f'In an environment of its own, run: python -m pip install "{_WHOLE_SPARK}".',
        ) from None
    if master.startswith(_LOCAL):
        # Otherwise workers run what `python3` means on this machine, which need not have this library.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    try:
        with _without_server():
            return builder.appName("linkage").master(master).getOrCreate()
    except Exception as error:
        if not _of_spark(error):
            raise
        raise ClusterError(
            "cluster.java",
            "Spark's driver cannot be started here, or does not reach the master.",
            hint="It needs Java 17 or newer: java -version. Check the address: docs/how-to/run-on-spark.md.",
        ) from None


@contextmanager
def _without_server() -> Iterator[None]:
    """Let PySpark start a driver inside this block, whatever server the environment names."""
    # PySpark's own note that this process has used a server; it would take the functions of this run for the server's.
    os.environ.pop("SPARK_CONNECT_MODE_ENABLED", None)
    address = os.environ.pop("SPARK_REMOTE", None)
    try:
        yield
    finally:
        if address is not None:
            os.environ["SPARK_REMOTE"] = address


def disconnect(session: SparkSession, *, failed: bool = False) -> None:
    """End a session; a server that does not answer any more forgets it by itself.

    Args:
        session: From `connect`.
        failed: Whether the cluster has failed, so that it is asked once only.
    """
    if not failed:
        session.stop()
        return
    try:
        with warnings.catch_warnings():
            # They repeat what the error of the run has said.
            warnings.simplefilter("ignore")
            if ".connect." in type(session).__module__:
                _retry(session, 0)
            session.stop()
    except Exception as error:
        if not _of_spark(error):
            raise


def _of_spark(error: Exception) -> bool:
    """Return whether an error is PySpark's own, or of a Java machine that failed or was killed."""
    from pyspark.errors import PySparkException

    # The bridge to Java is there only with the whole of Spark.
    return isinstance(error, PySparkException | ConnectionError) or type(error).__module__.startswith("py4j.")


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
    try:
        yield
    except Exception as error:
        if not _of_spark(error):
            raise
        raise ClusterError(
            "cluster.failed",
            "The cluster could not finish its part of the run; nothing was stored.",
            hint=f"Its log says why ({type(error).__name__}); docs/how-to/run-on-spark.md has the usual causes.",
        ) from None
