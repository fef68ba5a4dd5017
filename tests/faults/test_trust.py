"""Who may send what, over the command line: forging, replay, lock-out, and what happens to keys that are lost or leak.

After each refusal nothing of the file is stored, nothing is erased, and no part of it is left in clear.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from linkage import Registry
from linkage.cli import main as linkage_main
from linkage.errors import RefusedError
from linkage.keys import RegistryKey, StatisticsKey
from pseudonym.cli import main as pseudonym_main
from pseudonym.enrolment import read_invite
from pseudonym.keyed import BodyKey
from pseudonym.wire.sealed import seal
from tests.unit.linkage.helpers import KEY_ID, OTHER_KEY_ID, PROFILE, Rec, crowd, dump, send, take_back
from tests.unit.linkage.trust import sealed
from tests.unit.pseudonym.totals import count

pytestmark = pytest.mark.whole

FAR = (1 << 53) - 1


@dataclass
class World:
    """A registry, the reporter police that is enrolled at it, and whoever wants to be taken for it."""

    capture: pytest.CaptureFixture[str]
    keys: dict[str, BodyKey] = field(default_factory=dict)

    def linkage(self, *words: str, status: int = 0) -> str:
        """Run a command at the registry, and return what it prints as one line."""
        return self._run(linkage_main, words, status)

    def pseudonym(self, *words: str, status: int = 0) -> str:
        """Run a command at a reporter."""
        return self._run(pseudonym_main, words, status)

    def _run(self, main: Callable[[list[str]], object], words: tuple[str, ...], status: int) -> str:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = self.capture.readouterr()
        assert int(ended.value.code or 0) == status, out + err
        assert "Traceback" not in err
        return " ".join((out + err).split())

    def enrol(self, reporter: str, key: str, *, command: tuple[str, ...] = ("enrol",)) -> None:
        """Invite a reporter and accept its answer with a new key; the fingerprint is read out by telephone."""
        self.linkage("invite", "r", reporter, "--out", "invite")
        words = ("enrol", "invite", "--body-key", key, "--new-key", "--out", "answer", "--json")
        said = json.loads(self.pseudonym(*words))["fingerprints"]["reporter"]
        self.linkage(*command, "r", "answer", "--invite", "invite", "--fingerprint", said)
        self.keys[key] = BodyKey.load(key)

    def seal(self, source: Path, key: str | BodyKey, name: str = "sealed") -> str:
        """Seal a file with a key, for the units in the invite."""
        signer = self.keys[key] if isinstance(key, str) else key
        seal(source, name, signer=signer, recipients=read_invite("invite").public_keys, profile=PROFILE)
        return name

    def sent(self, sequence: int, records: list[Rec], key: str = "police.key", **header: object) -> str:
        """Receive a sealed submission of police."""
        return self.linkage("receive", "r", self.seal(send(Path("open"), "police", sequence, records, **header), key))

    def state(self) -> list[object]:
        """Return all that the registry holds of files and records, and parts that are in clear."""
        registry = Registry.open("r")
        tables = ("submissions", "records", "cases", "history", "quarantine", "totals")
        rows = [dump(registry, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
        return [*rows, sorted(path.name for path in Path().rglob("*-part*"))]

    def refused(self, file: str, *words: str) -> str:
        """Receive a file that is refused or held back, and return the rule."""
        before = self.state()
        document = json.loads(
            self.linkage("receive", "r", file, "--json", *words, status=4).split("] linkage:")[0] + "]"
        )
        assert self.state() == before
        return str(document[0]["rule"])


ENROLLED: dict[str, Path] = {}
"""The folder of the first world, as it was when the police had been enrolled, to be copied."""


@pytest.fixture
def world(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> World:
    monkeypatch.chdir(tmp_path)
    made = World(capsys)
    if "police" in ENROLLED:
        shutil.copytree(ENROLLED["police"], tmp_path, dirs_exist_ok=True)
        made.keys["police.key"] = BodyKey.load("police.key")
        return made
    Registry.create("r", profile=PROFILE, key_id=KEY_ID)
    made.enrol("police", "police.key")
    assert "Signed by its reporter." in made.sent(1, crowd("p", range(20)))
    ENROLLED["police"] = tmp_path_factory.mktemp("enrolled")
    shutil.copytree(tmp_path, ENROLLED["police"], dirs_exist_ok=True)
    return made


def test_nobody_without_its_key_sends_in_the_name_of_a_reporter(world):
    stranger = BodyKey.generate()
    records = [Rec(f"p-{i}", 500 + i) for i in range(20)]
    files = {
        "delivery": send(Path("d"), "police", 2, records),
        "complete": send(Path("c"), "police", 2, [], complete=True),
        "withdrawal": take_back(Path("w"), "police", 2),
        "totals": count(Path("t"), "police", 2, {(): 9}),
    }
    for source in files.values():
        assert world.refused(str(source), "--accept-withdrawals", "--accept-replacements") == "sender.unsigned"
        assert world.refused(world.seal(source, stranger)) == "sender.key"
    invented = send(Path("i"), "nobody", 1, records)
    assert world.refused(world.seal(invented, stranger)) == "sender.unknown"
    world.linkage("policy", "r", "--enrolled-only")
    assert world.refused(str(invented)) == "sender.enrolled_only"
    world.linkage("init", "strict", "--enrolled-only")
    assert json.loads(world.linkage("policy", "strict", "--json"))["enrolled_only"] is True


def test_an_enrolled_reporter_cannot_send_in_the_name_of_another(world):
    world.enrol("school", "school.key")
    source = send(Path("open"), "police", 2, [Rec("p-1", 500)])
    assert world.refused(world.seal(source, "school.key")) == "sender.key"
    assert "another enrolled reporter" in world.linkage("receive", "r", "sealed", status=4)


def test_no_old_version_is_replayed_under_another_number(world):
    world.sent(2, [Rec("p-1", 500)])
    old = world.seal(send(Path("old"), "police", 3, [Rec("p-1", 1)]), "police.key", "replayed")
    world.linkage("receive", "r", old)
    world.sent(4, [Rec("p-1", 501)])
    assert "already received" in world.linkage("receive", "r", old)
    data = Path(old).read_bytes()
    assert data.count(b'"sequence":3,') == 1
    Path(old).write_bytes(data.replace(b'"sequence":3,', b'"sequence":5,'))
    assert world.refused(old) == "sealed.signature"


def test_no_bit_of_the_header_can_be_flipped(world):
    name = world.seal(send(Path("open"), "police", 2, [Rec("p-1", 500)]), "police.key")
    whole = Path(name).read_bytes()
    end = whole.index(b'"suite"') + 100
    for place in range(16, end, 97):
        data = bytearray(whole)
        data[place] ^= 4
        Path(name).write_bytes(data)
        assert world.refused(name).startswith(("sealed.", "sender.", "submission."))


def test_nobody_is_locked_out_and_most_records_do_not_change_unasked(world):
    far = world.seal(send(Path("far"), "police", FAR, [Rec("p-1", 500)]), "police.key", "far.sealed")
    assert world.refused(far) == "submission.sequence_ahead"
    assert world.refused(far, "--accept-sequence") == "submission.sequence_ahead"
    records = [Rec(f"p-{i}", 500 + i) for i in range(11)]
    most = world.seal(send(Path("most"), "police", 2, records), "police.key", "most.sealed")
    assert world.refused(most) == "submission.replaces_most"
    waiting = json.loads(world.linkage("held", "list", "r", "--json"))
    assert [(one["reporter"], one["sequence"]) for one in waiting] == [("police", FAR), ("police", 2)]
    world.linkage("held", "dismiss", "r", str(waiting[0]["held"]))
    assert "11 superseding" in world.linkage("receive", "r", most, "--accept-replacements")
    assert world.linkage("held", "list", "r") == "No file is held back."
    assert "1 superseding" in world.sent(3, [Rec("p-1", 1)])


def test_nobody_but_an_enrolled_reporter_fixes_the_key_id(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Registry.create("r", profile=PROFILE)

    world = World(capsys)
    world.enrol("police", "police.key")
    forged = send(Path("forged"), "school", 1, crowd("s", range(3)), key_id=OTHER_KEY_ID)
    assert world.refused(str(forged)) == "sender.key_id"
    world.sent(1, crowd("p", range(3)))
    assert Registry.open("r").summary().key_id == KEY_ID
    assert world.refused(str(forged)) == "submission.key_id"


def test_what_is_sealed_for_another_registry_or_another_project_is_refused(world):
    source = send(Path("open"), "police", 2, [Rec("p-1", 500)], key_id=OTHER_KEY_ID)
    assert world.refused(world.seal(source, "police.key")) == "submission.key_id"
    source = send(Path("open"), "police", 2, [Rec("p-1", 500)], epoch=2)
    assert world.refused(world.seal(source, "police.key")) == "submission.epoch"
    Registry.create("other", profile=PROFILE)

    world.linkage("invite", "other", "police", "--out", "invite")
    source = send(Path("open"), "police", 2, [Rec("p-1", 500)])
    assert world.refused(world.seal(source, "police.key")) == "sealed.recipient"


def test_of_a_suspended_reporter_nothing_is_received_and_nothing_is_lost(world):
    waiting = world.seal(send(Path("open"), "police", 2, [Rec("p-1", 500)]), "police.key")
    world.linkage("body", "suspend", "r", "police")
    assert world.refused(waiting) == "sender.suspended"
    assert world.refused(str(Path("open"))) == "sender.unsigned"
    world.linkage("body", "resume", "r", "police")
    assert "1 superseding" in world.linkage("receive", "r", waiting)


def test_a_lost_key_is_replaced(world):
    under_way = world.seal(send(Path("open"), "police", 2, [Rec("p-1", 500)]), "police.key", "under-way")
    world.enrol("police", "new.key", command=("body", "replace"))
    assert world.refused(under_way) == "sender.replaced"
    assert "1 superseding" in world.sent(3, [Rec("p-1", 501)], "new.key")
    states = [one["state"] for one in json.loads(world.linkage("body", "list", "r", "--json"))]
    assert states == ["replaced", "active"]


def test_a_leaked_key_is_revoked_and_replaced_and_what_it_forged_is_taken_back(world):
    world.sent(2, [Rec("p-1", 500), Rec("forged", 600)])
    signed_before = world.seal(send(Path("open"), "police", 3, [Rec("p-2", 500)]), "police.key", "signed-before")
    today = json.loads(world.linkage("receipt", "r", "police", "--json"))["received_at"][:10]
    out = json.loads(world.linkage("body", "revoke", "r", "police", "--on", today, "--json"))
    assert [one["sequence"] for one in out["in_question"]] == [1, 2]
    assert world.refused(signed_before) == "sender.revoked"
    assert world.refused(str(take_back(Path("w"), "police", 4, records=["forged"]))) == "sender.unsigned"
    assert len(dump(Registry.open("r"), "SELECT * FROM records")) == 21
    world.enrol("police", "new.key", command=("body", "replace"))
    assert world.refused(signed_before) == "sender.revoked"
    back = world.seal(take_back(Path("w"), "police", 4, records=["forged"]), "new.key")
    assert "Erased: 1 record" in world.linkage("receive", "r", back)
    assert "1 superseding" in world.sent(5, [Rec("p-1", 1)], "new.key")
    assert len(dump(Registry.open("r"), "SELECT * FROM records")) == 20


def test_a_receipt_is_believed_because_the_registry_signed_it(world):
    world.linkage(
        "receive", "r", world.seal(send(Path("o"), "police", 2, [Rec("p-1", 9)]), "police.key"), "--receipts", "out"
    )
    path = Path("out/receipt-police-2.json")
    words = ("receipt", str(path), "--invite", "invite")
    said = world.pseudonym(*words)
    assert "Signed by the statistics unit" in said
    assert "police, period 2026-03, sequence 2: stored" in said
    assert "not signed" not in said
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"outcome": "stored"', '"outcome": "refused"'), encoding="utf-8")
    assert "(receipt.signature)" in world.pseudonym(*words, status=4)
    document = json.loads(text) | {"signature": None}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "(receipt.unsigned)" in world.pseudonym(*words, status=4)
    path.write_text(text, encoding="utf-8")
    world.linkage("invite", "r", "school", "--out", "invite")
    assert "(receipt.reporter)" in world.pseudonym(*words, status=4)


def test_units_apart_open_their_own_part_of_a_file_each(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = [Registry.create(unit, profile=PROFILE, key_id=KEY_ID, unit=unit) for unit in ("linkage", "statistics")]
    keys = RegistryKey.load("linkage.key"), StatisticsKey.load("statistics.statistics.key")
    police, stranger = BodyKey.generate(), BodyKey.generate()
    path = sealed(send(Path("open"), "police", 1, crowd("p", range(3))), police, keys)
    forged = sealed(send(Path("forged"), "police", 2, crowd("p", range(3))), stranger, keys)
    back = sealed(take_back(Path("back"), "police", 3, records=["p-1"]), police, keys)
    for unit in made:
        with pytest.raises(RefusedError) as caught:
            unit.receive(path)
        assert caught.value.rule == "sender.unknown"
        unit.enrolments.enrol("police", police.public, fingerprint=police.public.spoken)
        receipt = unit.receive(path)
        assert (receipt.new, receipt.signed_with) == (3, police.public.fingerprint)
        assert unit.receive(path).outcome == "already received"
        with pytest.raises(RefusedError) as caught:
            unit.receive(forged)
        assert caught.value.rule == "sender.key"
    codes, cases = made
    counted = {}
    for unit, table in ((codes, "codes"), (cases, "cases")):
        (store,) = unit._units.stores.values()
        with store.session(write=False) as session:
            counted[table] = session.rows(f"SELECT count(*) FROM {table}")[0][0]
    assert counted == {"codes": 3 * sum(PROFILE.encoding.codes_per_kind), "cases": 3}
    with pytest.raises(RefusedError) as caught:
        codes.receive(back)
    assert caught.value.rule == "sealed.other_unit"
    assert cases.receive(back).withdrawn == 1
