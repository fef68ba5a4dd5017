"""Receive, link or purge in a separate process, so that its peak memory is that of this task alone.

Run as `python -m benchmarks.speed.link_worker WORK REGISTRY THREADS [FILE...]`, with WORK one of `receive`, `link`,
`link-on-sail`, `link-on-spark` and `purge`; it prints one JSON line. `link-on-sail` starts Sail in this process,
`link-on-spark` Apache Spark in local mode, and both take a folder for the codes of the run.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import asdict
from typing import Any

from benchmarks.memory import peak_bytes
from benchmarks.speed.stages import StageClock
from linkage.engines.base import Owners
from linkage.keys import RegistryKey
from linkage.linkage_unit.deciphering import deciphering_engine
from linkage.linkage_unit.forecast import forecast, purge_forecast
from linkage.linkage_unit.pairs import read_records
from linkage.pipeline import Cluster, Registry

SERVERS: list[Any] = []
"""A server stops when nobody holds it."""


def sail_cluster(scratch: str) -> Cluster:
    """Start Sail in this process, and return it as a cluster."""
    # Imported here, since only this work needs it.
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    SERVERS.append(server)
    return Cluster(f"sc://127.0.0.1:{server.listening_address[1]}", scratch, partitions=4)


def spark_cluster(scratch: str) -> Cluster:
    """Return Apache Spark in local mode as a cluster, of as many workers as Sail has."""
    return Cluster("local[2]", scratch, partitions=4)


def digest_of(registry: Registry) -> str:
    """Return a digest of all persons and links, with their ids, weights and reasons."""
    digest = hashlib.sha256()
    for table in (registry.persons(), registry.links()):
        rows = table.sort_by([(name, "ascending") for name in table.schema.names])
        digest.update(json.dumps(rows.to_pydict(), default=str).encode())
    return digest.hexdigest()


def expected(registry: Registry) -> dict[str, Any]:
    """Return what a linked registry says before a run."""
    profile = registry.settings.profile
    with registry._units.linkage.session(write=False) as session:
        records = read_records(session)
        engine = deciphering_engine(session, RegistryKey.load(registry.registry_key))
        before, owners = time.process_time(), Owners(records.rid, records.reporter)
        found = forecast(engine, "codes", owners, content_bytes=profile.encoding.content_bytes)
        seconds = time.process_time() - before
    counts = asdict(found.counts) | {"cpu": round(seconds, 3)}
    return {"expected": counts | {"embedded_bytes": found.embedded_bytes, "clustered_bytes": found.clustered_bytes}}


def main(work: str, path: str, threads: str, *files: str) -> dict[str, Any]:
    """Receive, link or purge, and return the seconds per stage and the peak memory."""
    clock = StageClock()
    registry = Registry.open(path, threads=int(threads))
    if work == "receive":
        receipts = [registry.receive(file, progress=clock) for file in files]
        answer: dict[str, Any] = {"records": sum([receipt.new for receipt in receipts])}
    elif work == "purge":
        with registry._units.linkage.session(write=False) as session:
            said = purge_forecast(session).purge_bytes
        purged = registry.purge(progress=clock)
        answer = {"codes": purged.codes, "open": purged.open, "expected_bytes": said}
    else:
        clusters = {"link-on-sail": sail_cluster, "link-on-spark": spark_cluster}
        cluster = clusters[work](*files) if work in clusters else None
        report = registry.link(progress=clock, cluster=cluster).to_dict()
        answer = {name: report[name] for name in ("records", "pairs", "links", "review", "persons")}
        answer["answer"] = digest_of(registry)
    found = answer | {"stages": clock.stop(), "peak_bytes": peak_bytes()}
    return found | (expected(registry) if work == "link" else {})


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
