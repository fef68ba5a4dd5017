"""Two versions of a codebook in one registry, from the files of reporters to the answers of the registry."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linkage import cli as registry_side
from linkage.pipeline import Registry, desks
from linkage.statistics_unit.newest import newest_reports
from pseudonym import cli as reporter_side
from tests.unit.linkage.helpers import registry_bytes

pytestmark = pytest.mark.whole

TODAY = datetime.now(UTC).date()
LAST_DAY = TODAY + timedelta(days=30)
REASON = {"sv": "Hemkommun delades.", "en": "The code was split."}
TEXT = {"sv": "Text", "en": "Text"}

MAP: dict[str, Any] = {
    "format": "pseudonym-codebook-map/1",
    "from": {"name": "abroad", "version": "2026"},
    "to": {"name": "abroad", "version": "2027"},
    "items": [
        {"item": "police_report", "codes": {"yes": {"police_report": ["made"]}}},
        {"item": "context", "codes": {"honour": {"context": ["honour_family", "honour_clan"]}, "other": {}}},
    ],
    "breaks": [{"item": "context", "codes": ["honour_family", "honour_clan"], "reason": REASON}],
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one of the two commands in an empty folder; return exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def go(line: str) -> tuple[int, str, str]:
        status = call(line)
        output = capsys.readouterr()
        assert "Traceback" not in output.out + output.err
        return status, output.out, output.err

    return go


def second_version(first: dict[str, Any]) -> dict[str, Any]:
    """Return the next version: a code renamed, one split, one dropped, and a new item with several codes."""
    book = json.loads(json.dumps(first)) | {"version": "2027", "groupings": [], "synonyms": []}
    contact, helped = (
        next(one for one in book["items"] if one["name"] == name) for name in ("context", "police_report")
    )
    template = contact["codes"][0] | {"valid_from": None, "valid_to": None}
    for code in helped["codes"]:
        code["code"] = {"yes": "made"}.get(code["code"], code["code"])
    contact["codes"] = [one for one in contact["codes"] if one["code"] not in ("honour", "other")]
    contact["codes"] += [template | {"code": "honour_family"}, template | {"code": "honour_clan"}]
    codes = [template | {"code": code} for code in ("phone", "letter")]
    book["items"].append(contact | {"name": "reached_by", "label": TEXT, "many": True, "codes": codes})
    return book


def call(line: str) -> int:
    """Run one of the two commands and return its exit status."""
    name, *arguments = line.split()
    side = {"pseudonym": reporter_side, "linkage": registry_side}[name]
    with pytest.raises(SystemExit) as caught:
        side.main(arguments)
    return int(caught.value.code or 0)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make both versions and the map between them, a key, and a registry with the first version."""
    folder = tmp_path_factory.mktemp("made")
    with contextlib.chdir(folder):
        items = "--item context --item police_report --item country"
        assert call(f"pseudonym codebook make v1.json --name abroad --version 2026 {items}") == 0
        first = json.loads(Path("v1.json").read_text(encoding="utf-8"))
        Path("v2.json").write_text(json.dumps(second_version(first)), encoding="utf-8")
        Path("map.json").write_text(json.dumps(MAP), encoding="utf-8")
        assert call("pseudonym keygen linkage.key --project abroad --epoch 1") == 0
        assert call("linkage init r.duckdb --codebook v1.json") == 0
    return folder


@pytest.fixture
def books(made: Path, tmp_path: Path) -> None:
    """Copy them, so that each test has its own."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)


def encode(run: Run, book: str, sequence: int, *rows: str) -> str:
    """Encode a case file with a codebook and return the name of the submission."""
    header = "record_id;given_names;family_names;birth_date;context;police_report;reached_by"
    Path("cases.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    out = f"s{sequence}.parquet"
    options = f"--key linkage.key --reporter police --sequence {sequence} --codebook {book} --out {out}"
    status, _, error = run(f"pseudonym encode cases.csv {options}")
    assert status == 0, error
    return out


def read(registry: str) -> dict[str, dict[str, str]]:
    """Return the payload of every record in the newest codebook."""
    query = "SELECT record_id, payload FROM newest_reports JOIN records USING (rid)"
    with Registry.open(registry)._store.session(write=False) as session, newest_reports(session):
        return {record_id: dict(payload) for record_id, payload in session.rows(query)}


@pytest.mark.usefixtures("books")
def test_two_versions_from_end_to_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    old = encode(
        run,
        "v1.json",
        1,
        "p-1;Alva;Ek;2009-03-01;honour;yes;",
        "p-2;Bo;Ahl;2008-05-06;other;no;",
        "p-3;Cia;Lind;2011-02-03;other;yes;",
    )
    status, out, _ = run(f"linkage receive r.duckdb {old}")
    assert (status, "codebook abroad 2026" in out) == (0, True)

    # Without the map, and with one that forgets a code, nothing is added.
    status, _, error = run("linkage codebook add r.duckdb v2.json")
    assert (status, "(codebook_map.not_listed)" in error, "--map" in error) == (5, True, True)
    status, out, _ = run(
        f"linkage codebook add r.duckdb v2.json --map map.json --accept-old-until {LAST_DAY} --dry-run"
    )
    assert (status, f"Older codebooks would be accepted until {LAST_DAY}." in out) == (0, True)
    status, out, error = run(f"linkage codebook add r.duckdb v2.json --map map.json --accept-old-until {LAST_DAY}")
    assert (status, error) == (0, "")
    assert "Codebook added: abroad 2027" in out
    assert "WARNING" in out
    assert "New items: reached_by." in out

    # Both are received.
    both = encode(run, "v1.json", 2, "p-4;Dan;Berg;2010-01-02;honour;yes;")
    new = encode(run, "v2.json", 3, "p-5;Eva;Dahl;2012-09-09;honour_clan;made;phone letter")
    status, out, _ = run(f"linkage receive r.duckdb {both} {new}")
    assert status == 0
    assert "codebook abroad 2026" in out
    assert "codebook abroad 2027" in out
    assert read("r.duckdb") == {
        "p-1": {"context": "honour_clan honour_family", "police_report": "made"},
        "p-2": {"police_report": "no"},
        "p-3": {"police_report": "made"},
        "p-4": {"context": "honour_clan honour_family", "police_report": "made"},
        "p-5": {"context": "honour_clan", "police_report": "made", "reached_by": "letter phone"},
    }

    # A correction under the new version.
    corrected = encode(run, "v2.json", 4, "p-1;Alva;Ek;2009-03-01;honour_family;made;letter")
    status, out, _ = run(f"linkage receive r.duckdb {corrected}")
    assert (status, "1 superseding an older version" in out) == (0, True)
    assert read("r.duckdb")["p-1"] == {"context": "honour_family", "police_report": "made", "reached_by": "letter"}

    status, out, _ = run("linkage summary r.duckdb")
    assert "Codebook: abroad 2027 (newest; 2 records)" in out
    assert f"Codebook: abroad 2026 (accepted until {LAST_DAY}; 3 records)" in out
    listed = json.loads(run("linkage codebook list r.duckdb --json")[1])
    assert [(one["version"], one["records"], one["accepted_until"]) for one in listed] == [
        ("2026", 3, str(LAST_DAY)),
        ("2027", 2, None),
    ]
    assert "reached_by" in run("linkage privacy r.duckdb")[1]

    # Ended, the old one is refused; set to a later day, it is received again.
    late = encode(run, "v1.json", 5, "p-6;Fia;Holm;2013-04-05;other;no;")
    status, out, _ = run(f"linkage codebook end r.duckdb 2026 --on {TODAY}")
    assert (status, out.splitlines()[0]) == (0, f"abroad 2026 is accepted until {TODAY}.")
    tomorrow = TODAY + timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(desks, "now", lambda: f"{tomorrow}T08:00:00+00:00")
        status, _, error = run(f"linkage receive r.duckdb {late}")
        assert (status, "(submission.codebook_ended)" in error, "newest codebook" in error) == (4, True, True)
        assert "p-6" not in read("r.duckdb")
        assert run(f"linkage codebook end r.duckdb 2026 --on {tomorrow}")[0] == 0
        assert run(f"linkage receive r.duckdb {late}")[0] == 0
    assert read("r.duckdb")["p-6"] == {"police_report": "no"}


@pytest.mark.usefixtures("books")
def test_breaks_are_shown_with_their_reasons(run: Run) -> None:
    assert run("linkage codebook breaks r.duckdb")[1].startswith("Nothing is compared")
    assert run("linkage codebook add r.duckdb v2.json --map map.json")[0] == 0
    status, out, _ = run("linkage codebook breaks r.duckdb")
    assert status == 0
    rows = {tuple(line.split()) for line in out.splitlines()}
    assert rows >= {
        ("context", "honour_family", "split", "context/honour"),
        ("context", "honour_clan", "split", "context/honour"),
        ("context", "other", "ended", "-"),
        ("reached_by", "phone", "new", "-"),
    }
    assert "Reason for context/honour_family, context/honour_clan: The code was split." in " ".join(out.split())
    assert "made" not in out
    status, out, _ = run("linkage codebook breaks r.duckdb --item police_report")
    assert ("police_report", "made", "continues", "police_report/yes") in {
        tuple(line.split()) for line in out.splitlines()
    }
    found = json.loads(run("linkage codebook breaks r.duckdb --json")[1])
    assert {one["kind"] for one in found} == {"continues", "split", "new", "ended"}
    assert {one["since"] for one in found if one["kind"] != "continues"} == {str(TODAY)}
    assert run("linkage codebook breaks r.duckdb --item nothing")[0] == 5


HOSTILE = {
    "cyclic": '{"format": "pseudonym-codebook-map/1", "from": {"name": "abroad", "version": "2027"},'
    ' "to": {"name": "abroad", "version": "2026"}, "items": []}',
    "to itself": '{"format": "pseudonym-codebook-map/1", "from": {"name": "abroad", "version": "2026"},'
    ' "to": {"name": "abroad", "version": "2026"}, "items": []}',
    "huge": '{"format": "' + "x" * (5 << 20) + '"}',
    "deep": "[" * 200_000,
    "wrong types": '{"format": 1, "from": [], "to": {}, "items": {"context": []}}',
    "duplicate members": '{"format": "pseudonym-codebook-map/1", "items": [], "items": []}',
    "not text": "\x00\x01",
}


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_map_is_refused_and_nothing_changes(run: Run, name: str) -> None:
    Path("hostile.json").write_text(HOSTILE[name], encoding="utf-8")
    before = registry_bytes("r.duckdb")
    status, out, error = run("linkage codebook add r.duckdb v2.json --map hostile.json")
    assert (status, out) == (5, "")
    assert "(codebook_map." in error
    assert len(error) < 400
    assert registry_bytes("r.duckdb") == before


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("add r.duckdb none.json", 5),
        ("add r.duckdb v1.json", 5),
        ("add r.duckdb v2.json --map none.json", 5),
        ("add r.duckdb v2.json --map v1.json", 5),
        ("add r.duckdb v2.json --map map.json --accept-old-until 2027-W01-1", 2),
        ("add none.duckdb v2.json", 6),
        ("end r.duckdb 2026 --on 2026-01-01", 5),
        ("end r.duckdb 2027 --on 2026-01-01", 5),
        ("end r.duckdb 2026 --on yesterday", 2),
        ("list linkage.key", 6),
    ],
)
def test_wrong_use(run: Run, line: str, status: int) -> None:
    found, out, error = run(f"linkage codebook {line}")
    assert (found, out) == (status, "")
    assert error
