"""The commands of the roster, coverage against it, and the receipts that `receive` writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage import cli
from linkage.pipeline import Registry
from pseudonym.cli import main as pseudonym_main
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, send

# Most tests write a registry.
pytestmark = pytest.mark.whole

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Registry.create("r", profile=PROFILE)
    return "r"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        assert "Traceback" not in output.out + output.err
        status = caught.value.code
        return (0 if status is None else int(status)), output.out, output.err

    return go


def at(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    for module in ("pipeline.desks", "statistics_unit.roster", "statistics_unit.receipts"):
        monkeypatch.setattr(f"linkage.{module}.now", lambda: f"{day}T12:00:00+00:00")


def test_a_roster_is_imported_listed_and_imported_again(registry: str, run: Run) -> None:
    assert run("roster", "list", registry)[1] == "The roster is empty: every reporter is accepted.\n"
    Path("roster.csv").write_text(
        "reporter;name;kind;county;from;cases_from\npolice;Polisen;police;;2026;\nschool;Skolan;school;01;2026-03;police\n"
    )
    status, out, _ = run("roster", "import", registry, "roster.csv", "--dry-run")
    assert (status, out.splitlines()) == (
        0,
        ["2 added: police 2026-01, school 2026-03", "Nothing was written: this was a dry run."],
    )
    assert run("roster", "list", registry, "--json")[1] == "[]\n"
    assert json.loads(run("roster", "import", registry, "roster.csv", "--json")[1])["added"][1] == {
        "reporter": "school",
        "from": "2026-03",
    }
    out = run("roster", "list", registry)[1]
    assert out.splitlines()[-1] == "2 reporters."
    assert [line.split() for line in out.splitlines()][2] == [
        *("school", "school", "01", "records", "month", "2026-03", "30", "police", "Skolan")
    ]
    Path("again.csv").write_text(run("roster", "list", registry, "--csv")[1])
    assert run("roster", "import", registry, "again.csv")[1] == "2 unchanged.\n"
    assert json.loads(run("roster", "list", registry, "--json")[1])[1]["cases_from"] == ["police"]
    assert run("roster", "list", registry, "--json", "--csv")[0] == 2


def test_bad_rows_are_named_by_line_and_nothing_is_imported(registry: str, run: Run) -> None:
    Path("roster.csv").write_text("reporter,kind,from\npolice,police,2026\nschool,scool,2026\nud,other,yesterday\n")
    status, out, err = run("roster", "import", registry, "roster.csv")
    lines = err.splitlines()
    assert (status, out) == (5, "")
    assert lines[0].startswith("roster.csv, line 3: A kind of body is one of police, school")
    assert [line for line in lines if "(roster.from)" in line or "line 4" in line]
    assert (
        lines[-2]
        == "linkage: roster.csv: Rows of the roster break rules, so nothing was imported. [row 3] (roster.rows)"
    )
    assert "scool" not in err
    assert run("roster", "list", registry, "--json")[1] == "[]\n"


def test_an_entry_is_set_ended_and_removed(registry: str, run: Run) -> None:
    words = (
        "--kind",
        "shelter",
        "--county",
        "12",
        "--from",
        "2026-01",
        "--due-days",
        "14",
        "--reports",
        "records totals",
    )
    assert run("roster", "set", registry, "shelter-3", *words)[1] == "1 added: shelter-3 2026-01\n"
    assert run("roster", "set", registry, "shelter-3", "--name", "Huset")[1] == "1 changed: shelter-3 2026-01\n"
    status, _, err = run("roster", "set", registry, "shelter-3", "--every", "year")
    assert (status, "(roster.from_missing)" in err, "Add --from" in err) == (5, True, True)
    assert run("roster", "set", registry, "shelter-3", "--every", "year", "--from", "2027")[0] == 0
    assert run("roster", "end", registry, "shelter-3", "--until", "2028")[1] == "1 changed: shelter-3 2027\n"
    entries = json.loads(run("roster", "list", registry, "--json")[1])
    assert [(entry["every"], entry["from"], entry["until"]) for entry in entries] == [
        ("month", "2026-01", None),
        ("year", "2027", "2028"),
    ]
    assert entries[0]["reports"] == ["records", "totals"]
    assert run("roster", "remove", registry, "shelter-3")[1] == "2 removed: shelter-3 2026-01, shelter-3 2027\n"
    status, _, err = run("roster", "remove", registry, "shelter-3")
    assert (status, "(roster.unknown)" in err) == (5, True)
    for words in (("--kind", "house", "--from", "2026"), ("--kind", "shelter", "--from", "soon")):
        assert run("roster", "set", registry, "x", *words)[0] == 5


def test_what_a_stranger_sends_is_refused_and_listed(registry: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("roster", "set", registry, "police", "--kind", "police", "--from", "2026-03", "--until", "2026-03")
    send(Path("s"), "stranger", 4, crowd("s", [1]))
    send(Path("p"), "police", 1, crowd("p", [1]))
    status, _, err = run("receive", registry, "s", "--dry-run")
    assert (status, "(submission.reporter)" in err) == (4, True)
    at(monkeypatch, "2026-04-02")
    status, out, err = run("receive", registry, "s", "p")
    assert status == 4
    assert "p: received 1 record" in out
    assert "  Held back: stranger, period 2026-03, sequence 4.\n" in err
    assert "linkage roster set REGISTRY REPORTER" in err
    refused = json.loads(run("receive", registry, "s", "--json")[1])[0]
    assert (refused["outcome"], refused["rule"]) == ("held", "submission.reporter")
    assert (refused["reporter"], refused["period"], refused["sequence"]) == ("stranger", "2026-03", 4)
    out = run("coverage", registry)[1]
    assert "HELD BACK" in out
    assert "Files are held back of: stranger. See linkage held list." in out


def test_coverage_groups_by_reporter_and_says_who_is_missing(
    registry: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-01-01")
    assert "No submission" in run("coverage", registry)[1]
    for code in ("police", "school", "shelter", "employer"):
        run("roster", "set", registry, code, "--kind", code, "--from", "2026-02", "--until", "2026-03")
    files = [
        send(Path(f"{code}{month}"), code, month, crowd(code, [1] if code == "police" else []), period=f"2026-0{month}")
        for code, months in (("police", (2, 3)), ("school", (2,)))
        for month in months
    ]
    at(monkeypatch, "2026-04-02")
    run("receive", registry, *files)
    lines = run("coverage", registry)[1].splitlines()
    header = ["reporter", "kind", "county", "period", "state", "due", "received", "submissions", "records"]
    assert [" ".join(line.split()) for line in lines[:9]] == [
        " ".join(header),
        "employer employer 2026-02 NEVER 2026-03-30 0 0",
        "2026-03 NEVER 2026-04-30 0 0",
        "police police 2026-02 LATE 2026-03-30 2026-04-02 1 1",
        "2026-03 reported 2026-04-30 2026-04-02 1 1",
        "school school 2026-02 LATE 2026-03-30 2026-04-02 1 0",
        "2026-03 SILENT 2026-04-30 0 0",
        "shelter shelter 2026-02 NEVER 2026-03-30 0 0",
        "2026-03 NEVER 2026-04-30 0 0",
    ]
    assert lines[9:] == ["1 of 4 reporters has reported 2026-03; silent: school; never heard of: employer, shelter."]
    run("roster", "end", registry, "school", "--until", "2099-12")
    lines = run("coverage", registry, "--through", "2099-06")[1].splitlines()
    assert "0 of 1 reporters have reported 2099-06; still due: school." in lines
    assert len([line for line in lines if "reporters have reported" in line]) == 2
    rows = json.loads(run("coverage", registry, "--json")[1])
    assert list(rows[0]) == [*header[:6], "received_at", *header[7:]]


def test_receipts_are_written_for_what_was_received_and_refused(registry: str, run: Run) -> None:
    run("roster", "set", registry, "police", "--kind", "police", "--from", "2030")
    send(Path("p"), "police", 1, [*crowd("p", range(3)), Rec("x-7", 9, {"role": "bystander"})])
    send(Path("s"), "stranger", 4, crowd("s", [1]))
    send(Path("t"), "stranger", 4, crowd("s", [2]))
    Path("damaged").write_bytes(Path("p").read_bytes()[:-20])
    files = ("p", "s", "t", "damaged")
    assert run("receive", registry, *files, "--receipts", "missing/out")[0] == 2
    status, _, err = run("receive", registry, *files, "--receipts", "out", "--dry-run")
    assert (status, "--receipts" in err) == (2, True)
    assert not Path("out").exists()
    status, _, err = run("receive", registry, *files, "--receipts", "out", "--language", "sv")
    assert status == 4
    assert "damaged: no receipt, because its header does not say whose it is." in err
    names = ("receipt-police-1", "receipt-stranger-4-refused", "receipt-stranger-4-refused-2")
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(
        f"{n}.{e}" for n in names for e in ("json", "txt")
    )
    assert all(path.stat().st_mode & 0o077 == 0 for path in (Path("out"), *Path("out").iterdir()))
    text = Path("out/receipt-police-1.txt").read_text(encoding="utf-8")
    assert "Poster i filen: 4" in text
    assert "x-7" in text
    assert run("receipt", registry, "police", "--language", "sv")[1] == text
    written = Path("out/receipt-police-1.json").read_text(encoding="utf-8")
    assert run("receipt", registry, "police", "--sequence", "1", "--json")[1] == written
    refused = json.loads(Path("out/receipt-stranger-4-refused.json").read_text(encoding="utf-8"))
    assert refused["refusal"]["rule"] == "submission.reporter"
    # The same again: receipts of a command that was killed are made up for, and older ones are replaced.
    Path("out/receipt-police-1.txt").unlink()
    assert json.loads(run("receive", registry, "p", "--receipts", "out", "--language", "sv", "--json")[1])
    assert Path("out/receipt-police-1.txt").read_text(encoding="utf-8") == text
    assert Path("out/receipt-police-1.json").read_text(encoding="utf-8") == written
    assert run("receipt", registry, "nobody")[0] == 2


def test_a_receipt_replaces_only_one_of_the_same_reporter(registry: str, run: Run) -> None:
    send(Path("p"), "police", 1, crowd("p", [1]))
    Path("out").mkdir()
    Path("out/receipt-police-1.json").write_text('{\n  "format": "linkage-receipt/1",\n  "reporter": "polic",\n}')
    status, out, err = run("receive", registry, "p", "--receipts", "out")
    assert (status, "(export.exists)" in err) == (6, True)
    assert "p: received 1 record" in out


def _cases(n_records: int, start: int = 0) -> str:
    """Return a case file of invented people."""
    names = ("Åsa", "Bogdan", "Cecilia", "Dawit", "Elin", "Farid", "Greta", "Hodan")
    rows = [
        f"c-{n},{names[n % 8]},Efternamn{chr(97 + n % 26)}{chr(97 + n // 26)},2009-{n % 12 + 1:02d}-17"
        for n in range(start, start + n_records)
    ]
    return "record_id,given_names,family_names,birth_date\n" + "\n".join(rows) + "\n"


def test_from_case_files_to_coverage_and_receipts(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six reporters on the roster: three that report, one late, one that falls silent, one that is never heard of."""
    monkeypatch.chdir(tmp_path)
    Path("roster.csv").write_text(
        "reporter,kind,county,every,from,until,due_days,cases_from\n"
        "police,police,,month,2026-01,2026-03,30,\n"
        "school,school,01,month,2026-01,2026-03,30,police\n"
        "ud,foreign_affairs,,month,2026-01,2026-03,30,\n"
        "shelter,shelter,12,month,2026-02,2026-03,30,police school\n"
        "iom,civil_society,,year,2025,2025,60,\n"
        "employer,employer,03,month,2026-01,2026-03,30,\n"
    )

    def encode(reporter: str, period: str, sequence: int, content: str | None) -> str:
        out = f"{reporter}-{period}.parquet"
        words = [
            "encode",
            "--key",
            "k",
            "--reporter",
            reporter,
            "--period",
            period,
            "--sequence",
            str(sequence),
            "--out",
            out,
        ]
        if content is None:
            words.append("--nothing-to-report")
        else:
            Path("in.csv").write_text(content, encoding="utf-8")
            words.insert(1, "in.csv")
        with pytest.raises(SystemExit) as ended:
            pseudonym_main(words)
        assert not ended.value.code
        return out

    with pytest.raises(SystemExit):
        pseudonym_main(["keygen", "k"])
    at(monkeypatch, "2026-01-01")
    assert run("init", "r2")[0] == 0
    assert run("roster", "import", "r2", "roster.csv")[0] == 0
    Path("receipts").mkdir()
    deliveries = {
        "2026-02-03": [("police", "2026-01", _cases(30)), ("school", "2026-01", _cases(25)), ("ud", "2026-01", None)],
        "2026-03-05": [
            ("police", "2026-02", _cases(31)),
            ("shelter", "2026-02", _cases(3)),
            ("stranger", "2026-02", _cases(2)),
        ],
        "2026-05-20": [
            ("police", "2026-03", _cases(40)),
            ("ud", "2026-03", _cases(21, 5)),
            ("school", "2026-02", _cases(25)),
        ],
    }
    for month, (day, sent) in enumerate(deliveries.items(), start=1):
        at(monkeypatch, day)
        files = [encode(reporter, period, month, content) for reporter, period, content in sent]
        status = run("receive", "r2", *files, "--receipts", "receipts")[0]
        assert status == (4 if month == 2 else 0)
    assert run("link", "r2")[0] == 0
    rows = json.loads(run("coverage", "r2", "--json")[1])
    states = {reporter: "" for reporter in ("police", "school", "ud", "shelter", "iom", "employer", "stranger")}
    for row in rows:
        states[row["reporter"]] += f" {row['period']} {row['state']}"
    assert states == {
        "police": " 2026-01 reported 2026-02 reported 2026-03 late",
        "school": " 2026-01 reported 2026-02 late 2026-03 silent",
        "ud": " 2026-01 zero 2026-02 silent 2026-03 late",
        "shelter": " 2026-02 reported 2026-03 silent",
        "iom": " 2025 never",
        "employer": " 2026-01 never 2026-02 never 2026-03 never",
        "stranger": " 2026-02 held back",
    }
    out = run("coverage", "r2", "--svg", "coverage.svg")[1]
    assert "2 of 5 reporters have reported 2026-03; silent: school, shelter; never heard of: employer." in out
    assert "0 of 1 reporters have reported 2025; never heard of: iom." in out
    assert Path("coverage.svg").read_text(encoding="utf-8").count("employer 2026-01 never") == 1
    receipt = json.loads(run("receipt", "r2", "ud", "--json")[1])
    assert (receipt["records"], receipt["new"]) == (21, 21)
    assert receipt["missing_periods"] == [
        {"period": "2026-02", "state": "silent", "due": "2026-03-30"},
        {"period": "2026-03", "state": "late", "due": "2026-04-30"},
    ]
    assert receipt["quality"]["number"]["missing"] == 21
    assert len(list(Path("receipts").glob("*.json"))) == 9
    for path in Path("receipts").iterdir():
        mine = path.name.split("-")[1]
        assert not [other for other in states if other != mine and other in path.read_text(encoding="utf-8")]
