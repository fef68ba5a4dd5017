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


@pytest.mark.whole
def test_the_body_key_changes_what_is_noise_and_no_match_key_that_links(key: LinkageKey) -> None:
    def codes(body: BodyKey | None, jobs: int = 1) -> dict[tuple[str, bytes], bytes]:
        table = Encoder(key, reporter="police", body_key=body, jobs=jobs).encode(RECORDS).table
        rows = zip(*(table[name].to_pylist() for name in ("record_id", "match_key", "content")), strict=True)
        return {(record_id, match_key): content for record_id, match_key, content in rows}

    one, other = BodyKey.generate(), BodyKey.generate()
    without, of_one, of_other = (codes(body) for body in (None, one, other))
    assert of_one == codes(one) == codes(one, jobs=2)
    filled = without.keys() & of_one.keys()
    assert filled == without.keys() & of_other.keys() == of_one.keys() & of_other.keys()
    assert 0 < len(filled) < len(without) / 2, "most codes of a record that lacks a name are missing"
    # Each lacks some field, whose bits are noise in all its codes.
    assert not [code for code in filled if len({without[code], of_one[code], of_other[code]}) < 3]


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
