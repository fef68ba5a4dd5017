"""`linkage audit` and `linkage --actor`: what they print, and their exit statuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from linkage import cli
from linkage.audit_log import account_name
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, crowd, send, unit_store

pytestmark = pytest.mark.whole

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINKAGE_ACTOR", raising=False)
    registry = Registry.create("r.duckdb", profile=PROFILE)
    registry.receive(send(tmp_path / "a", "a", 1, crowd("a", range(4))))

    def go(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(list(words))
        return (int(ended.value.code or 0), *capsys.readouterr())

    return go


def entries(run: Run, *words: str) -> list[dict]:
    return json.loads(run("audit", "list", "r.duckdb", "--json", *words)[1])


def test_the_actor_comes_from_the_option_or_the_environment(run, monkeypatch):
    kind = ("--kind", "police", "--from", "2026-01")
    assert run("--actor", "Åsa Berg", "roster", "set", "r.duckdb", "a", *kind)[0] == 0
    monkeypatch.setenv("LINKAGE_ACTOR", "nightly")
    assert run("roster", "set", "r.duckdb", "b", *kind)[0] == 0
    monkeypatch.delenv("LINKAGE_ACTOR")
    assert run("roster", "set", "r.duckdb", "c", *kind)[0] == 0
    found = entries(run)[-3:]
    assert [one["actor"] for one in found] == ["Åsa Berg", "nightly", account_name()]
    assert {one["account"] for one in found} == {account_name()}
    assert f"Åsa Berg ({account_name()})" in run("audit", "list", "r.duckdb")[1]
    status, out, err = run("--actor", " ", "roster", "list", "r.duckdb")
    assert (status, out) == (2, "")
    assert "--actor: Write a name of 1 to 100 characters that can be printed." in err


def test_exports_are_listed_with_recipient_form_and_rows(run):
    run("link", "r.duckdb")
    assert run("export", "persons", "r.duckdb", "--for", "statistics", "--out", "p.xlsx")[0] == 0
    assert run("export", "links", "r.duckdb", "--out", "-")[0] == 0
    persons, links = entries(run)[-2:]
    assert (persons["act"], persons["members"]) == (
        "export persons",
        {"form": "xlsx", "recipient": "statistics", "rows": 4, "run": 1},
    )
    assert (links["act"], links["members"]) == ("export links", {"form": "standard output", "rows": 0, "run": 1})
    # What cannot be written is not let out.
    assert run("export", "links", "r.duckdb", "--out", "l.gz")[0] == 6
    assert run("export", "links", "r.duckdb", "--for", "a/b", "--out", "l.csv")[0] == 5
    assert entries(run)[-1] == links


def test_list_shows_what_came_since_a_day_with_short_digests(run):
    assert [one["act"] for one in entries(run, "--since", "2020-01-01")] == ["init", "receive"]
    assert entries(run, "--since", "2100-01-01") == []
    assert run("audit", "list", "r.duckdb", "--since", "2100-01-01")[1] == "The log has no entries of these days.\n"
    assert run("audit", "list", "r.duckdb", "--since", "1 April")[0] == 2
    out = run("audit", "list", "r.duckdb")[1]
    digest = entries(run)[1]["members"]["digest"]
    assert f"digest={digest[:8]}... " in out
    assert digest not in out


def test_the_head_is_printed_alone_and_verifies_later(run):
    status, head, _ = run("audit", "head", "r.duckdb")
    assert (status, len(head)) == (0, 65)
    assert json.loads(run("audit", "head", "r.duckdb", "--json")[1]) == {"entry": 2, "head": head.strip()}
    run("link", "r.duckdb")
    status, out, _ = run("audit", "verify", "r.duckdb", "--head", head.strip())
    assert status == 0
    assert out.startswith("The log is as it was written: 4 entries from ")
    assert "Sealed: 4, and each seal is right. They cover the entries up to 4.\n" in out
    assert "The head that was kept is that of entry 2; 2 have come since.\n" in out


def test_what_nothing_proves_is_said(run):
    Path("r.duckdb.statistics.key").rename("away")
    run("roster", "set", "r.duckdb", "a", "--kind", "police", "--from", "2026-01")
    status, out, _ = run("audit", "verify", "r.duckdb", "--key", "away")
    assert status == 3
    assert out.startswith("The chain is whole: 3 entries")
    assert "Nothing proves the entries from 3 on" in out
    status, out, _ = run("audit", "verify", "r.duckdb", "--json")
    found = json.loads(out)
    assert (status, found["whole"], found["proven"], found["checked"], found["sealed"]) == (3, True, False, 0, 2)


def test_each_fault_is_named(run):
    with Registry.open("r.duckdb")._store.session(write=True) as session:
        session.rows("UPDATE audit_log SET content = replace(content, '\"records\":4', '\"records\":3')")
    status, out, err = run("audit", "verify", "r.duckdb")
    assert (status, out) == (6, "")
    assert "Entry 2: The digest is not that of the text: the entry was edited. (audit.digest)\n" in err
    assert "Entry 2: The seal is not that of the unit's key" in err
    status, out, _ = run("audit", "verify", "r.duckdb", "--json")
    found = json.loads(out)
    assert (status, found["whole"], found["error"]["rule"]) == (6, False, "audit.digest")
    assert [(one["entry"], one["rule"]) for one in found["faults"]] == [(2, "audit.digest"), (2, "audit.seal")]


def test_repeat_says_what_came_of_it(run, tmp_path):
    run("link", "r.duckdb")
    status, out, _ = run("audit", "repeat", "r.duckdb")
    assert status == 0
    assert out.endswith(" was repeated: the same links and the same persons.\n")
    with unit_store("r.duckdb", "linkage").session(write=True) as session:
        session.rows("UPDATE persons SET person_id = 'other' WHERE rid < 3")
    status, out, _ = run("audit", "repeat", "r.duckdb")
    assert status == 3
    assert out.endswith("Not as the run stored them: persons. Somebody has changed the file.\n")
    correction = replace(crowd("a", [0])[0], persona=9)
    run("receive", "r.duckdb", str(send(tmp_path / "b", "a", 2, [correction])))
    status, out, _ = run("audit", "repeat", "r.duckdb")
    assert status == 3
    assert "was not repeated, because these have changed since: records.\n" in out
    assert "Submissions since: 2. Erasures: 0.\nLink again, then repeat.\n" in out
    with unit_store("r.duckdb", "linkage").session(write=True) as session:
        session.rows("DELETE FROM submissions WHERE submission = 2")
    assert "somebody has changed the file" in run("audit", "repeat", "r.duckdb")[1]
    found = json.loads(run("audit", "repeat", "r.duckdb", "--json")[1])
    assert (found["run"], found["changed"], found["same"]) == (1, ["records"], False)
