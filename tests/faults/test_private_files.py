"""Whatever a command or a program writes, only its owner may read, under the most open umask and after a kill too."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linkage.answers import write_links, write_persons, write_waterfall
from linkage.cli import main as linkage
from linkage.keys import RegistryKey, StatisticsKey
from linkage.pipeline import Registry
from linkage.statistics_unit.tables import STATISTICS_UNIT
from linkage.store import Store
from pseudonym.cli import main as pseudonym
from pseudonym.encode import Encoder, Record
from pseudonym.enrolment import DocumentReference, make_answer, make_invite
from pseudonym.errors import KeyFileError
from pseudonym.key_file import KeyFileWarning
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.wire.signed_receipt import sign_receipt
from tests.unit.linkage.helpers import PROFILE, crowd, send

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows keeps file rights in access lists, not in a mode")

CASES = """record_id,personnummer,given_names,family_names,birth_date,sex
1,20110713-9980,Asa Maria,Lindqvist,2011-07-13,woman
2,,Bogdan,Zvonimirovic,2009-02-01,x
"""
FILLED = CASES + "".join(f"{number},,Person{number},Nilsson,2010-03-{number},\n" for number in range(3, 12))
"""As many records as a sample needs."""
KEY, OUT = ("--key", "linkage.key"), "police.parquet"
ENCODE = ("encode", *KEY, "--reporter", "police", "--period", "2026-03")
COUNTED = ("--reporter", "police", "--period", "2026-03", "--unit", "person")
REGISTRY = "national"

REPORTER = [
    ("keygen", "linkage.key"),
    ("key", "new", "body.key", "--for", "body"),
    ("key", "inspect", "body.key"),
    ("key", "wrap", "body.key", "wrapped.key", "--passphrase-fd", "PASSPHRASE"),
    ("key", "unwrap", "wrapped.key", "again.key", "--passphrase-fd", "PASSPHRASE"),
    ("enrol", "invite.json", "--body-key", "own.key", "--new-key", "--out", "answer.json"),
    ("check", "cases.csv"),
    (*ENCODE, "cases.csv", "--out", OUT, "--rejects", "rejects.csv"),
    (*ENCODE, "--nothing-to-report", "--out", "none.parquet", "--sequence", "1"),
    ("totals", "counts.csv", *COUNTED, "--out", "counted.parquet"),
    ("withdraw", *KEY, "--reporter", "police", "--record", "1", "--out", "gone.parquet"),
    ("check", OUT),
    ("show", OUT),
    ("codebook", "make", "book.json", "--name", "small", "--version", "1", "--item", "state"),
    ("codebook", "check", "book.json"),
    ("codebook", "show", "book.json", "state"),
    ("profiles",),
    ("receipt", "signed.json", "--invite", "invite.json"),
]
GROUPS = ("audit", "body", "codebook", "export", "hand-over", "held", "key", "notice", "roster", "sample")
STRANGER = "stranger.parquet"
"""From a reporter that is not on the roster, so it is held back."""
CENTRE = [
    ("init", REGISTRY),
    ("key", "new", "statistics.key", "--unit", "statistics"),
    ("key", "inspect", "statistics.key"),
    ("key", "wrap", "statistics.key", "wrapped-statistics.key", "--passphrase-fd", "PASSPHRASE"),
    ("key", "unwrap", "wrapped-statistics.key", "again-statistics.key", "--passphrase-fd", "PASSPHRASE"),
    ("invite", REGISTRY, "police", "--out", "police-invite.json"),
    ("receive", REGISTRY, OUT, "school.parquet"),
    ("link", REGISTRY),
    ("receive", REGISTRY, "counted.parquet"),
    ("totals", REGISTRY, "--csv", "totals.csv"),
    ("export", "persons", REGISTRY, "--out", "persons.csv"),
    ("export", "links", REGISTRY, "--out", "links.csv"),
    ("explain", REGISTRY, "police/1", "school/1", "--svg", "pair.svg"),
    ("summary", REGISTRY),
    ("table", REGISTRY, "--by", "reporter", "--out", "table.csv", "--plot", "table.svg"),
    ("overlap", REGISTRY, "--out", "overlap.xlsx", "--plot", "overlap.svg"),
    ("compare-definitions", REGISTRY, "wide.json", "--out", "definitions.csv"),
    ("bodies", REGISTRY, "--marginal"),
    ("sample", "draw", REGISTRY, "--records", "10", "--out", "questions.csv"),
    ("sample", "questions", REGISTRY, "--out", "again.csv"),
    ("sample", "answers", REGISTRY, "questions.csv"),
    ("sample", "status", REGISTRY),
    ("status", REGISTRY),
    ("roster", "set", REGISTRY, "police", "--kind", "police", "--from", "2026-01"),
    ("roster", "set", REGISTRY, "school", "--kind", "school", "--from", "2026-01"),
    ("roster", "set", REGISTRY, "mistake", "--kind", "other", "--from", "2026-01"),
    ("roster", "remove", REGISTRY, "mistake"),
    ("roster", "end", REGISTRY, "school", "--until", "2030-12"),
    ("roster", "import", REGISTRY, "roster.csv"),
    ("roster", "list", REGISTRY),
    ("roster", "kinds"),
    ("receive", REGISTRY, STRANGER),
    ("held", "list", REGISTRY),
    ("held", "dismiss", REGISTRY, "1"),
    ("enrol", REGISTRY, "ud-1.json", "--invite", "ud-1-invite.json", "--fingerprint", "ud-1"),
    ("body", "suspend", REGISTRY, "ud"),
    ("body", "resume", REGISTRY, "ud"),
    ("body", "replace", REGISTRY, "ud-2.json", "--invite", "ud-2-invite.json", "--fingerprint", "ud-2"),
    ("body", "revoke", REGISTRY, "ud"),
    ("body", "list", REGISTRY),
    ("policy", REGISTRY),
    ("coverage", REGISTRY, "--svg", "coverage.svg"),
    ("receive", REGISTRY, OUT, "--receipts", "."),
    ("receipt", REGISTRY, "police"),
    ("privacy", REGISTRY),
    # The second delivery supersedes codes, so the file is rewritten.
    ("receive", REGISTRY, "second.parquet"),
    ("link", REGISTRY, "--refit"),
    ("purge", REGISTRY, "--review-days", "0"),
    ("codebook", "add", REGISTRY, "book.json"),
    ("codebook", "list", REGISTRY),
    ("codebook", "breaks", REGISTRY),
    ("codebook", "end", REGISTRY, "none", "--on", "2099-12-31"),
    ("receive", REGISTRY, "gone.parquet"),
    ("erase", REGISTRY, "--before", "2026-01-01"),
    # Units apart.
    ("init", "codes", "--unit", "linkage"),
    ("init", "cases", "--unit", "statistics"),
    ("notice", "make", "cases", "--out", "notice"),
    ("notice", "take", "codes", "notice"),
    ("link", "codes"),
    ("hand-over", "make", "codes", "--out", "hand-over"),
    ("hand-over", "take", "cases", "hand-over"),
    ("audit", "list", REGISTRY),
    ("audit", "verify", REGISTRY),
    ("audit", "head", REGISTRY),
    ("audit", "repeat", REGISTRY),
]


@pytest.fixture(autouse=True)
def open_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in an empty folder, under a umask that gives every right to everybody."""
    monkeypatch.chdir(tmp_path)
    before = os.umask(0)
    yield
    assert os.umask(before) == 0, "the umask of the program is its own"


def open_to_others() -> dict[str, str]:
    """Return the files and folders below the current one that others have rights to, with their modes."""
    modes = {str(path): stat.S_IMODE(path.lstat().st_mode) for path in Path().rglob("*")}
    return {name: oct(mode) for name, mode in modes.items() if mode & 0o077}


def commands_of(words: list[tuple[str, ...]]) -> set[str]:
    return {" ".join(one[:2]) if one[0] in GROUPS else one[0] for one in words}


def test_no_command_is_left_out() -> None:
    from linkage.cli import app as at_the_registry
    from pseudonym.cli import app as at_a_reporter

    def names(app) -> set[str]:
        return {str(one.name or one.callback.__name__) for one in app.registered_commands}

    found = set()
    for app, words in ((at_a_reporter, REPORTER), (at_the_registry, CENTRE)):
        groups = {group.name: names(group.typer_instance) for group in app.registered_groups}
        found |= set(groups)
        below = {f"{group} {name}" for group, commands in groups.items() for name in commands}
        assert commands_of(words) == names(app) | below
    assert found == set(GROUPS)


UNIT_KEYS = (RegistryKey.generate(), StatisticsKey.generate())
BODY_KEYS = {number: BodyKey.generate() for number in (1, 2)}
"""The first and the second key of one reporter."""


def write_invite_and_answers() -> None:
    """Write an invite of the police, two of another reporter, and its answers with each of its keys."""
    profile = DocumentReference(name="case-registry", version="2", digest="0" * 64)
    found = {"invite.json": make_invite("police", keys=UNIT_KEYS, profile=profile).canonical()}
    for number, key in BODY_KEYS.items():
        invite = make_invite("ud", keys=UNIT_KEYS, profile=profile)
        found |= {
            f"ud-{number}-invite.json": invite.canonical(),
            f"ud-{number}.json": make_answer(invite, key).canonical(),
        }
    for name, data in found.items():
        Path(name).write_bytes(data)
        Path(name).chmod(0o600)


@contextmanager
def passphrase() -> Iterator[str]:
    """A descriptor that gives a pass phrase."""
    read_end, write_end = os.pipe()
    os.write(write_end, b"nine lazy owls hoot")
    os.close(write_end)
    yield str(read_end)
    os.close(read_end)


def run(main, *words: str) -> None:
    spoken = {f"ud-{number}": key.public.spoken for number, key in BODY_KEYS.items()}
    with passphrase() as number, pytest.raises(SystemExit) as ended:
        main([{"PASSPHRASE": number, **spoken}.get(word, word) for word in words])
    assert ended.value.code in ((4,) if STRANGER in words and "receive" in words else (0, 3)), words
    assert open_to_others() == {}, words


@pytest.mark.whole
def test_every_file_of_every_command_is_private() -> None:
    Path("cases.csv").write_text(FILLED)
    Path("cases.csv").chmod(0o600)
    Path("counts.csv").write_text("n\n3\n")
    Path("counts.csv").chmod(0o600)
    write_invite_and_answers()
    # A withdrawal has a higher number than everything before it, and a receipt comes last.
    last = ("withdraw", "receipt")
    withdraw, receipt = (next(words for words in REPORTER if words[0] == name) for name in last)
    before = [words for words in REPORTER if words[0] not in last]
    for words in before:
        run(pseudonym, *words)
    school = [*ENCODE, "cases.csv", "--out", "school.parquet"]
    school[school.index("police")] = "school"
    run(pseudonym, *school)
    run(pseudonym, *[{"school": "stranger", "school.parquet": STRANGER}.get(word, word) for word in school])
    Path("cases.csv").write_text(FILLED.replace("Bogdan", "Borislav"))
    run(pseudonym, *ENCODE, "cases.csv", "--out", "second.parquet")
    run(pseudonym, *withdraw)
    Path("roster.csv").write_text("reporter,kind,from\nud,foreign_affairs,2026\n")
    Path("roster.csv").chmod(0o600)
    title = {"sv": "Bekräftade", "en": "Confirmed"}
    conditions = [{"item": "status", "codes": ["confirmed"], "unknown": True}]
    wide = {"format": "linkage-definition/1", "name": "wide", "version": "1", "title": title}
    wide |= {"judged_by": "record", "conditions": conditions}
    Path("wide.json").write_text(json.dumps(wide))
    Path("wide.json").chmod(0o600)
    for words in CENTRE:
        run(linkage, *words)
    sent = json.loads(next(Path().glob("receipt-police-*.json")).read_text(encoding="utf-8"))
    Path("signed.json").write_text(
        json.dumps(sign_receipt({"signed_with": None, **sent}, UNIT_KEYS[1])), encoding="utf-8"
    )
    Path("signed.json").chmod(0o600)
    run(pseudonym, *receipt)
    keys = {f"{REGISTRY}.key", f"{REGISTRY}.statistics.key"}
    written = {"linkage.key", OUT, "rejects.csv", "none.parquet", REGISTRY, *keys}
    written |= {
        "own.key",
        "answer.json",
        "police-invite.json",
        "body.key",
        "wrapped.key",
        "again.key",
        "wrapped-statistics.key",
        "again-statistics.key",
    }
    written |= {
        "questions.csv",
        "again.csv",
        "persons.csv",
        "links.csv",
        "pair.svg",
        "coverage.svg",
        "counted.parquet",
        "totals.csv",
    }
    assert written <= {path.name for path in Path().iterdir()}


@pytest.mark.parametrize("main", [pseudonym, linkage])
def test_the_umask_is_for_the_owner_only_while_a_command_runs(main, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def app(_arguments: list[str]) -> None:
        seen.append(os.umask(0))
        os.umask(seen[0])

    monkeypatch.setattr(sys.modules[main.__module__], "app", app)
    run(main)
    assert list(map(oct, seen)) == ["0o77"]


@pytest.mark.whole
def test_every_file_of_a_program_is_private() -> None:
    key = LinkageKey.generate()
    key.save("linkage.key")
    encoder = Encoder(key, reporter="police")
    encoder.write("police.parquet", [Record("1", given_names="Asa", birth_date="2011-07-13")], sequence=1)
    encoder.write_nothing("none.parquet", sequence=2)
    registry = Registry.create(REGISTRY, profile=PROFILE)
    for number, reporter in enumerate("aba", start=1):
        registry.receive(send(Path(f"{number}.parquet"), reporter, number, crowd("x", range(number, number + 9))))
    registry.link()
    write_persons(registry.persons(), "persons.csv")
    write_links(registry.links(), "links.csv")
    write_waterfall(registry.explain("a/x-3", "b/x-3"), "pair.svg")
    assert open_to_others() == {}


@pytest.fixture
def store() -> Store:
    store = Store("r.duckdb", STATISTICS_UNIT)
    store.create({"profile": "{}"})
    return store


def test_the_log_of_an_open_session_is_private(store: Store) -> None:
    with store.session(write=True) as session:
        session.set("note", "in the log")
        assert sorted(path.name for path in Path().iterdir()) == ["r.duckdb", "r.duckdb.wal"]
        assert open_to_others() == {}


@pytest.mark.whole
def test_the_log_that_a_kill_leaves_is_private(store: Store) -> None:
    program = """
import os, signal, sys
os.umask(0)
from linkage.statistics_unit.tables import STATISTICS_UNIT
from linkage.store import Store
with Store(sys.argv[1], STATISTICS_UNIT).session(write=True) as session:
    session.set("note", "in the log")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program, "r.duckdb"], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert Path("r.duckdb.wal").stat().st_size > 0
    assert open_to_others() == {}


@pytest.mark.whole
def test_what_duckdb_spills_beside_the_registry_is_private(store: Store) -> None:
    with store.session(write=False) as session:
        session.run("SET memory_limit = '40MB'")
        session.run("CREATE TEMP TABLE large AS SELECT hash(range) AS a, hash(range + 1) AS b FROM range(6000000)")
        spilled = [path for path in Path().rglob("*") if ".tmp" in str(path)]
        assert any(path.is_dir() for path in spilled)
        assert any(path.is_file() for path in spilled)
        assert open_to_others() == {}


@pytest.mark.whole
def test_a_rewritten_registry_is_private_though_its_rights_were_widened(store: Store) -> None:
    store.path.chmod(0o644)
    store.rewrite()
    assert open_to_others() == {}


# Keys that others can read.


@pytest.fixture
def shared_keys() -> None:
    """A linkage key and a registry key that everybody can read, beside what the commands need."""
    LinkageKey.generate().save("linkage.key")
    Registry.create(REGISTRY, profile=PROFILE)
    Path("cases.csv").write_text(CASES)
    for reporter in "ab":
        send(Path(reporter), reporter, 1, crowd("x", range(2)))
    Path("linkage.key").chmod(0o644)
    Path(f"{REGISTRY}.key").chmod(0o640)


def warnings_of(capsys: pytest.CaptureFixture[str], main, *words: str) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    printed = capsys.readouterr()
    assert ended.value.code in (0, 3, None), printed.err
    if "--json" in words:
        json.loads(printed.out)
    return [line for line in printed.err.splitlines() if "key file" in line]


@pytest.mark.whole
@pytest.mark.usefixtures("shared_keys")
def test_a_key_that_others_can_read_is_accepted_with_one_line_that_says_how_to_mend_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    warning = "Warning: other users of this computer can use the key file. Mend it with: chmod 600 "
    encoding = (*ENCODE, "cases.csv", "--out", OUT, "--json")
    receiving = ("receive", REGISTRY, "a", "b", "--json")
    assert warnings_of(capsys, pseudonym, *encoding) == [f"{warning}linkage.key"]
    assert warnings_of(capsys, linkage, *receiving) == [f"{warning}{Path(REGISTRY).resolve()}.key"]
    # Each command says it anew, whatever this process has said before.
    assert warnings_of(capsys, linkage, *receiving) == [f"{warning}{Path(REGISTRY).resolve()}.key"]
    for name in ("linkage.key", f"{REGISTRY}.key"):
        Path(name).chmod(0o600)
    assert warnings_of(capsys, pseudonym, *encoding) == warnings_of(capsys, linkage, *receiving) == []


@pytest.mark.usefixtures("shared_keys")
def test_a_program_is_warned_without_a_path_or_a_value() -> None:
    with pytest.warns(KeyFileWarning) as caught:
        LinkageKey.load("linkage.key")
    (warning,) = caught
    assert warning.filename == __file__, "it points at the program, not into the library"
    assert str(warning.message) == (
        "Other users of this computer can use the key file: let only its owner read it (chmod 600)."
    )
    assert warning.message.path == Path("linkage.key")
    with pytest.warns(KeyFileWarning, match="chmod 600"):
        Registry.open(REGISTRY).receive("a")


@pytest.mark.usefixtures("shared_keys")
def test_a_file_that_is_not_a_key_causes_no_warning_about_keys() -> None:
    Path("cases.csv").chmod(0o644)
    with pytest.raises(KeyFileError, match="does not hold exactly one linkage key"):
        LinkageKey.load("cases.csv")
