"""At run time nothing reaches for the network and no other program is started, from making a key to the last count.

The whole journey runs in a fresh interpreter under an audit hook, which Python calls for every socket and every process
that any package opens in Python. What DuckDB does in its own code is closed by its settings, which are read back here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from linkage import Registry
from linkage.store.instances import Attached
from tests.paths import ROOT

CASES: Final = """\
record_id,given_names,family_names,birth_date,case_id
{0}-1,Åsa Maria,Öberg,1990-02-28,{0}-a
{0}-2,Béla,Nagy,1985-07-01,{0}-b
{0}-3,Ингрид,Berg,2001-11-30,{0}-c
"""

WATCH: Final = """
import sys
DOORS = ("socket.", "http.", "urllib.", "ftplib.", "smtplib.", "webbrowser.", "subprocess.",
         "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile")
def watch(event, details):
    if event.startswith(DOORS):
        # The process ends at once: nothing that handles errors can hide it.
        import os
        os.write(2, ("REACHED OUT: " + event + "\\n").encode())
        os._exit(99)
"""

JOURNEY: Final = """
import linkage.cli, pseudonym.cli
sys.addaudithook(watch)
def run(main, *words):
    try:
        main(list(words))
    except SystemExit as end:
        assert not end.code, (words, end.code)
run(pseudonym.cli.main, "keygen", "linkage.key")
for reporter in ("police", "school"):
    run(pseudonym.cli.main, "encode", reporter + ".csv", "--key", "linkage.key", "--reporter", reporter,
        "--out", reporter + ".parquet", "--period", "2026-03", "--sequence", "1")
run(linkage.cli.main, "init", "registry.duckdb")
run(linkage.cli.main, "receive", "registry.duckdb", "police.parquet", "school.parquet")
run(linkage.cli.main, "link", "registry.duckdb")
run(linkage.cli.main, "export", "persons", "registry.duckdb", "--out", "persons.csv")
run(linkage.cli.main, "export", "links", "registry.duckdb", "--out", "links.csv")
run(linkage.cli.main, "summary", "registry.duckdb", "--json")
run(linkage.cli.main, "roster", "set", "registry.duckdb", "police", "--kind", "police", "--from", "2026-01")
run(linkage.cli.main, "coverage", "registry.duckdb", "--json", "--svg", "coverage.svg")
run(linkage.cli.main, "receipt", "registry.duckdb", "police")
print("ARRIVED")
"""


def run_watched(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter that ends when it reaches out."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    words = [sys.executable, "-c", WATCH + program]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.whole
def test_the_whole_journey_stays_on_the_machine(tmp_path: Path) -> None:
    for reporter in ("police", "school"):
        (tmp_path / f"{reporter}.csv").write_text(CASES.format(reporter), encoding="utf-8")
    done = run_watched(JOURNEY, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("ARRIVED\n")
    assert len((tmp_path / "persons.csv").read_text(encoding="utf-8").splitlines()) == 7


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import urllib.request; urllib.request.urlopen('http://localhost')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
    ],
)
def test_reaching_out_is_noticed(tmp_path: Path, attempt: str) -> None:
    program = f"sys.addaudithook(watch)\ntry:\n    {attempt}\nexcept BaseException:\n    pass\nprint('ARRIVED')"
    done = run_watched(program, tmp_path)
    assert (done.returncode, done.stdout) == (99, "")
    assert "REACHED OUT" in done.stderr


def test_the_database_of_a_registry_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    attach = Attached.__init__

    def watched(attached: Attached, *args: Any, **options: Any) -> None:
        attach(attached, *args, **options)
        names = ["autoinstall_known_extensions", "autoload_known_extensions", "enable_external_access"]
        settings = attached.connection.sql(
            f"SELECT name, value FROM duckdb_settings() WHERE name IN {tuple(names)}"
        ).fetchall()
        opened.append(dict(settings))

    monkeypatch.setattr(Attached, "__init__", watched)
    with Registry.create(tmp_path / "registry.duckdb") as registry:
        registry.summary()
    assert opened != []
    for settings in opened:
        assert set(settings.values()) == {"false"}
        assert len(settings) == 3
