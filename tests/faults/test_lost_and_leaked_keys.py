"""A lost and a leaked body key, played through with the commands of docs/how-to/keys.md, from invite to link."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from linkage.cli import main as linkage
from pseudonym.cli import main as pseudonym
from pseudonym.keyed import BodyKey

pytestmark = pytest.mark.whole

REGISTRY: Final = "national.duckdb"
HEADER: Final = "record_id,given_names,family_names,birth_date"
CASES: Final = (
    "pol-1,Noor Jamila,Qvist,2009-05-02",
    "pol-2,Bogdan,Zvonimirovic,2008-11-17",
    "pol-3,Elin Saga,Torsdotter,2010-02-23",
)
FORGED: Final = "pol-1,Somebody,Else,1999-01-30"


@pytest.fixture(autouse=True)
def enrolled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry at which the police are enrolled and have sent their cases, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for main, words in (
        (pseudonym, "keygen linkage.key"),
        (linkage, f"init {REGISTRY}"),
        (linkage, f"invite {REGISTRY} police --out invite.json"),
        (pseudonym, "enrol invite.json --body-key body.key --new-key --out answer.json"),
    ):
        assert run(main, *words.split()) == 0
    assert run(linkage, "enrol", REGISTRY, "answer.json", "--fingerprint", spoken("body.key")) == 0
    assert run(linkage, "receive", REGISTRY, sealed("body.key", 1, *CASES)) == 0


def run(main: Any, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def spoken(key: str) -> str:
    """The fingerprint that the reporter reads to the registry by telephone."""
    return BodyKey.load(key).public.spoken


def sealed(key: str, sequence: int, *rows: str, complete: bool = False) -> str:
    """Encode records of the police and seal them with a body key."""
    Path("cases.csv").write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    out = f"{sequence}-{Path(key).stem}.sealed"
    words = f"encode cases.csv --key linkage.key --body-key {key} --to invite.json --reporter police --period 2026-03"
    more = ["--complete"] if complete else []
    assert run(pseudonym, *words.split(), "--sequence", str(sequence), "--out", out, *more) == 0
    return out


def n_persons(capsys: pytest.CaptureFixture[str]) -> int:
    """Link, and count the persons."""
    assert run(linkage, "link", REGISTRY) == 0
    capsys.readouterr()
    assert run(linkage, "summary", REGISTRY, "--json") == 0
    return int(json.loads(capsys.readouterr().out)["persons"])


def refused(capsys: pytest.CaptureFixture[str], file: str) -> str:
    """Receive a file that must be refused, and return what the registry says."""
    capsys.readouterr()
    assert run(linkage, "receive", REGISTRY, file) == 4
    return capsys.readouterr().err


def replace_key(new: str) -> None:
    """Answer the invite with a new key, and let the registry take it."""
    assert run(pseudonym, *f"enrol invite.json --body-key {new} --new-key --out answer-2.json".split()) == 0
    assert run(linkage, "body", "replace", REGISTRY, "answer-2.json", "--fingerprint", spoken(new)) == 0


def test_after_a_lost_body_key_the_reporter_goes_on_with_a_new_one_and_nothing_is_counted_twice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waiting = sealed("body.key", 2, *CASES)
    Path("body.key").unlink()
    replace_key("body-2.key")
    assert "sender.replaced" in refused(capsys, waiting)
    # The same records under new handles: they replace the older versions by their record ids.
    again = sealed("body-2.key", 3, *CASES)
    assert run(linkage, "receive", REGISTRY, again, "--accept-replacements") == 0
    corrected = (*CASES[:2], "pol-3,Elin,Torsdotter,2010-02-24", "pol-4,Pia,Kron,2011-07-08")
    assert run(linkage, "receive", REGISTRY, sealed("body-2.key", 4, *corrected)) == 0
    assert n_persons(capsys) == len(CASES) + 1


def test_a_leaked_body_key_is_revoked_and_what_the_thief_did_is_undone(capsys: pytest.CaptureFixture[str]) -> None:
    # The thief has copies of both keys, overwrites one record and adds another.
    Path("stolen.key").write_bytes(Path("body.key").read_bytes())
    Path("stolen.key").chmod(0o600)
    forged = (FORGED, "pol-99,Nobody,Atall,2001-12-09")
    assert run(linkage, "receive", REGISTRY, sealed("stolen.key", 2, *forged)) == 0
    assert n_persons(capsys) == len(CASES) + 1

    today = datetime.now(UTC).date().isoformat()
    capsys.readouterr()
    assert run(linkage, "body", "revoke", REGISTRY, "police", "--on", today) == 0
    told = capsys.readouterr().out
    assert "sequence 2" in told, "the registry names the files in question"
    for key in ("stolen.key", "body.key"):
        assert "sender.revoked" in refused(capsys, sealed(key, 5, FORGED))

    replace_key("body-2.key")
    words = "withdraw --key linkage.key --body-key body-2.key --to invite.json --reporter police --record pol-99"
    assert run(pseudonym, *words.split(), "--sequence", "6", "--out", "gone.sealed") == 0
    assert run(linkage, "receive", REGISTRY, "gone.sealed") == 0
    again = sealed("body-2.key", 7, *CASES)
    assert run(linkage, "receive", REGISTRY, again, "--accept-replacements") == 0
    assert n_persons(capsys) == len(CASES)
    assert "sender.revoked" in refused(capsys, sealed("stolen.key", 8, FORGED))


def test_nobody_enrols_a_stolen_key_again(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stolen.key").write_bytes(Path("body.key").read_bytes())
    Path("stolen.key").chmod(0o600)
    assert run(linkage, "body", "revoke", REGISTRY, "police") == 0
    assert run(pseudonym, *["enrol", "invite.json", "--body-key", "stolen.key", "--out", "stolen.json"]) == 0
    capsys.readouterr()
    assert run(linkage, "body", "replace", REGISTRY, "stolen.json", "--fingerprint", spoken("stolen.key")) == 5
    assert "enrolment.key_used" in capsys.readouterr().err
