"""A Sail server for tests: Spark Connect in one process, without Java."""

from __future__ import annotations

import os
from functools import cache

import pytest

__all__ = ["sail"]


@cache
def sail() -> str:
    """Start Sail once, in this process, which its workers run in too, and return its address; skip without `pysail`."""
    reason = "pysail and pyspark-client are not installed: python -m pip install '.[spark,sail]'"
    server_module = pytest.importorskip("pysail.spark", reason=reason)
    pytest.importorskip("pyspark.sql", reason=reason)
    # Sail logs what Python reports as failures; the tests provoke some.
    os.environ.setdefault("RUST_LOG", "off")
    server = server_module.SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    _, port = server.listening_address
    _STARTED.append(server)
    return f"sc://127.0.0.1:{port}"


_STARTED: list[object] = []
"""Servers stop when nobody holds them."""
