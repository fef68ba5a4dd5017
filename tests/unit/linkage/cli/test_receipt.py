"""`linkage receipt` and `linkage receive --receipts`: receipts are signed, or it is said why they are not."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.cli import main
from linkage.keys import StatisticsKey
from linkage.pipeline import Registry
from pseudonym.cli import main as pseudonym_main
from pseudonym.wire.signed_receipt import check_receipt, read_receipt
from tests.unit.linkage.helpers import PROFILE, crowd, send
from tests.unit.linkage.trust import invite

pytestmark = pytest.mark.whole

PASSPHRASE = "nine lazy owls hoot"
UNSIGNED = "The receipt is not signed, so anybody could have written it."

Run = Callable[..., tuple[str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A registry with a file of police that was not received yet, and what runs commands of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: pytest.fail("asked for a pass phrase"))
    Registry.create("r", profile=PROFILE)
    send(Path("police"), "police", 1, crowd("a", range(3)))

    def command(*words: str, status: int = 0) -> tuple[str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capsys.readouterr()
        assert int(ended.value.code or 0) == status, err
        return out, " ".join(err.split())

    return command


def wrap_key() -> StatisticsKey:
    """Put the statistics key under a pass phrase."""
    path = Path("r.statistics.key")
    key = StatisticsKey.load(path)
    path.unlink()
    key.save(path, passphrase=PASSPHRASE)
    return key


def descriptor(*lines: str) -> str:
    """Return the number of an open descriptor with these lines."""
    Path("phrases").write_text("\n".join(lines), encoding="utf-8")
    return str(os.open("phrases", os.O_RDONLY))


def test_a_receipt_is_signed_if_the_key_is_at_hand(run: Run) -> None:
    run("receive", "r", "police")
    out, err = run("receipt", "r", "police", "--json")
    assert err == ""
    check_receipt(json.loads(out), StatisticsKey.load("r.statistics.key").public, reporter="police")
    assert Registry.open("r").why_unsigned() is None


def test_a_missing_key_and_that_of_another_registry_are_named(run: Run) -> None:
    run("receive", "r", "police")
    Path("r.statistics.key").rename("away")
    out, err = run("receipt", "r", "police", "--json")
    assert json.loads(out)["signature"] is None
    assert err.count(UNSIGNED) == 1
    assert "(statistics_key.unreadable)" in err
    assert "use --statistics-key for another path" in err
    # The text has no signature in any case.
    assert run("receipt", "r", "police")[1] == ""
    signed = json.loads(run("receipt", "r", "police", "--json", "--statistics-key", "away")[0])
    check_receipt(signed, StatisticsKey.load("away").public, reporter="police")
    StatisticsKey.generate().save("r.statistics.key")
    out, err = run("receipt", "r", "police", "--json")
    assert json.loads(out)["signature"] is None
    assert "(statistics_key.other)" in err
    named = run("receipt", "r", "police", "--json", "--statistics-key", "r.statistics.key", status=5)
    assert "statistics_key.other" in "".join(named)


def test_a_pass_phrase_is_asked_for_only_if_the_key_is_named(run: Run) -> None:
    run("receive", "r", "police")
    key = wrap_key()
    out, err = run("receipt", "r", "police", "--json")
    assert json.loads(out)["signature"] is None
    assert "(statistics_key.wrapped)" in err
    assert "linkage receipt REGISTRY REPORTER --json --statistics-key FILE" in err
    words = ("--statistics-key", "r.statistics.key", "--passphrase-fd", descriptor(PASSPHRASE))
    out, err = run("receipt", "r", "police", "--json", *words)
    assert err == ""
    check_receipt(json.loads(out), key.public, reporter="police")


def test_receive_signs_receipts_and_seals_its_entries_with_the_key_whose_pass_phrase_it_asked_for(run: Run) -> None:
    key = wrap_key()
    send(Path("other"), "school", 1, crowd("s", range(3)), profile_digest="0" * 64)
    words = ("--receipts", "out", "--passphrase-fd", descriptor(PASSPHRASE))
    _, err = run("receive", "r", "police", "other", *words, status=4)
    assert "not signed" not in err
    for name, reporter in (("receipt-police-1", "police"), ("receipt-school-1-refused", "school")):
        check_receipt(read_receipt(f"out/{name}.json"), key.public, reporter=reporter)
    assert Registry.open("r").audit.entries()[-1].sealed_by == key.check


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="There are no named pipes.")
def test_a_key_from_a_pipe_is_read_once_so_receipts_are_not_signed(run: Run) -> None:
    text = Path("r.statistics.key").read_text(encoding="utf-8")
    os.mkfifo("pipe")
    writer = threading.Thread(target=Path("pipe").write_text, args=(text,))
    writer.start()
    out, err = run("receive", "r", "police", "--statistics-key", "pipe", "--receipts", "out", "--json")
    writer.join()
    assert read_receipt("out/receipt-police-1.json")["signature"] is None
    assert err.count("The receipts are not signed") == 1
    assert json.loads(out)[0]["outcome"] == "stored"


def test_the_linkage_unit_on_its_own_says_before_it_receives_that_it_has_no_receipts(run: Run) -> None:
    codes = Registry.create("codes", profile=PROFILE, unit="linkage")
    _, err = run("receive", "codes", "police", "--receipts", "out", status=2)
    assert "(registry.unit)" in err
    assert "statistics unit" in err
    assert list(Path("out").iterdir()) == []
    assert [one.act for one in codes.audit.entries()] == ["init"]


def test_the_reporter_is_told_not_to_believe_a_receipt_without_a_signature(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("receive", "r", "police")
    Path("r.statistics.key").unlink()
    Path("receipt.json").write_text(run("receipt", "r", "police", "--json")[0], encoding="utf-8")
    Path("invite").write_bytes(invite("police").canonical())
    with pytest.raises(SystemExit) as ended:
        pseudonym_main(["receipt", "receipt.json", "--invite", "invite"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (4, "")
    said = " ".join(err.split())
    assert "(receipt.unsigned)" in said
    assert "linkage receipt REGISTRY REPORTER --json --statistics-key FILE" in said
