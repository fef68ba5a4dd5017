"""The `record` column of a submission holds handles, from the body key where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pseudonym.encode import Encoder, Record
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.profile import load_profile
from pseudonym.wire import read_submission
from tests.unit.pseudonym.commands import shown

RECORDS = [Record("r-1", given_names="Noor", birth_date="2009-05-02"), Record("r-2", family_names="Ek")]


@pytest.fixture
def key() -> LinkageKey:
    return LinkageKey.generate()


def written(path: Path, encoder: Encoder, sequence: int) -> dict[str, bytes]:
    encoder.write(path, RECORDS, sequence=sequence)
    cases = read_submission(path, profile=load_profile("case-registry"), codebook=None).cases
    return dict(zip(cases["record_id"].to_pylist(), cases["record"].to_pylist(), strict=True))


def test_handles_come_from_the_body_key_and_stay_from_submission_to_submission(key: LinkageKey, tmp_path: Path) -> None:
    body_key = BodyKey.generate()
    with_it = Encoder(key, reporter="police", body_key=body_key)
    first, second = (written(tmp_path / str(number), with_it, number) for number in (1, 2))
    assert first == second
    without = written(tmp_path / "3", Encoder(key, reporter="police"), 3)
    assert without.keys() == first.keys() == {"r-1", "r-2"}
    assert not set(without.values()) & set(first.values())


def test_codes_do_not_depend_on_the_body_key(key: LinkageKey) -> None:
    tables = [
        Encoder(key, reporter="police", body_key=body).encode(RECORDS).table for body in (None, BodyKey.generate())
    ]
    assert tables[0].equals(tables[1])


def test_the_command_takes_the_body_key_from_its_option_or_its_configuration(
    key: LinkageKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key.save(tmp_path / "linkage.key")
    BodyKey.generate().save(tmp_path / "body.key")
    (tmp_path / "cases.csv").write_text("record_id,given_names,birth_date\nr-1,Noor,2009-05-02\n")
    (tmp_path / "body.toml").write_text('key = "linkage.key"\nbody_key = "body.key"\nreporter = "police"\n')
    files = [tmp_path / f"{number}.parquet" for number in range(3)]
    words = ["encode", str(tmp_path / "cases.csv"), "--no-period", "--sequence", "1", "--out"]
    keyed = ["--key", str(tmp_path / "linkage.key"), "--reporter", "police"]
    assert shown(capsys, *words, str(files[0]), *keyed)[0] == 0
    assert shown(capsys, *words, str(files[1]), *keyed, "--body-key", str(tmp_path / "body.key"))[0] == 0
    assert shown(capsys, *words, str(files[2]), "--config", str(tmp_path / "body.toml"))[0] == 0
    profile = load_profile("case-registry")
    handles = [read_submission(file, profile=profile, codebook=None).cases["record"].to_pylist() for file in files]
    assert handles[0] != handles[1] == handles[2]
