"""Apache Spark for tests: a master in local mode, a server that speaks Spark Connect, and a cluster of processes."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

__all__ = ["MASTER", "need_spark", "spark_cluster", "spark_server"]

MASTER: Final = "local[2]"

START_SECONDS: Final = 300
"""A Java machine starts in ten seconds; on a machine at work on other things it takes longer."""


def need_spark() -> Path:
    """Return the folder of Spark; skip without Java, or where only the client of Spark Connect is installed."""
    if shutil.which("java") is None:
        pytest.skip(
            "Apache Spark runs in Java, which pip cannot install and this machine does not have; "
            "the same tests run on Sail, which needs none"
        )
    pytest.importorskip("py4j", reason="the whole of pyspark is not installed: docs/how-to/run-on-spark.md")
    # Brought by the same package as py4j.
    return Path(importlib.import_module("pyspark").__file__ or "").parent


@contextmanager
def spark_server() -> Iterator[str]:
    """Start Spark's own server in a process of its own, and yield its address."""
    home, port = need_spark(), _free_port()
    settings = [f"spark.connect.grpc.binding.port={port}", "spark.ui.enabled=false", "spark.log.level=OFF"]
    command = [str(home / "bin" / "spark-submit"), "--master", MASTER]
    command += [word for setting in settings for word in ("--conf", setting)]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=_surroundings()) as process:
        try:
            _wait_for(port, process)
            yield f"sc://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def spark_cluster(folder: Path, *, workers: int) -> Iterator[str]:
    """Start a master of Spark's own and its workers, each in a process of its own, and yield the master's address.

    Args:
        folder: Where workers keep their files.
        workers: Their number, with one core each.
    """
    home, port = need_spark(), _free_port()
    start = [str(home / "bin" / "spark-class")]
    master = [*start, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port)]
    address = f"spark://127.0.0.1:{port}"
    worker = [*start, "org.apache.spark.deploy.worker.Worker", address, "--cores", "1", "--memory", "1g"]
    surroundings = _surroundings() | {"SPARK_LOCAL_IP": "127.0.0.1"}
    with ExitStack() as running:

        def run(command: list[str]) -> subprocess.Popen[bytes]:
            command = [*command, "--webui-port", str(_free_port())]
            process = running.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL, env=surroundings))
            running.callback(process.terminate)
            return process

        _wait_for(port, run(master))
        for number in range(workers):
            run([*worker, "--work-dir", str(folder / str(number))])
        yield address


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _surroundings() -> dict[str, str]:
    """Return the environment without settings of another Spark, and with the packages of this process."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("SPARK")}
    return surroundings | {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError("Spark's server did not start.")
