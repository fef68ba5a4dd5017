"""`pseudonym check` on a submission: its counts equal a slow count, and each warning has its limit."""

from __future__ import annotations

import base64
import json
from collections import Counter
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonym import load_codebook, load_profile
from pseudonym.audit import audit
from pseudonym.audit.fill import MAX_SIGMA, FillTally
from pseudonym.audit.judge import expected_share_rate
from pseudonym.audit.keys import KeySpool, folder_for
from pseudonym.audit.repeats import find_pairs, owners
from pseudonym.audit.sharing import count_sharing
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from pseudonym.privacy import MAX_OF_REPORTER
from pseudonym.profile import Privacy, Profile, parse_profile
from pseudonym.wire import IDENTITY_FIELDS, Spool, SubmissionError, open_submission
from tests.unit.linkage.helpers import PROFILE, UNGUARDED, Rec, crowd, make_profile, send
from tests.unit.pseudonym.commands import shown

KINDS = [key.kind for key in PROFILE.encoding.match_keys]
PRIVACY = Privacy(source="invented", population="ten persons", share_rate=0.1, persons=10)
MEASURED = PROFILE.model_copy(update={"privacy": PRIVACY})


def look(path: Path, profile: Profile = MEASURED, codebook: str | None = None):
    return audit(path, profile=profile, codebook=None if codebook is None else load_codebook(codebook))


def rules(found) -> list[str]:
    return [warned.rule for warned in found.warnings]


# Records that share match keys, and records that are probably of one person.


def slow_pairs(codes: list[tuple[int, int, int]], enough: int, most: int = 32) -> set[tuple[int, int]]:
    """Count by the definition; codes are (kind, match key, record), and kind 0 is a number."""
    holders: dict[tuple[int, int], set[int]] = {}
    for kind, key, record in codes:
        holders.setdefault((kind, key), set()).add(record)
    weights: Counter[tuple[int, int]] = Counter()
    for (kind, _), held in holders.items():
        if len(held) <= most:
            weights.update({pair: enough if kind == 0 else 1 for pair in combinations(sorted(held), 2)})
    return {pair for pair, weight in weights.items() if weight >= enough}


def slow_owner(pairs: set[tuple[int, int]], n: int) -> list[int]:
    owner = list(range(n))
    for _ in range(n):
        for one, other in pairs:
            owner[one] = owner[other] = min(owner[one], owner[other])
    return owner


def slow_sharing(codes: list[tuple[int, int, int]], owner: list[int], kind: int | None = None) -> set[int]:
    holders: dict[tuple[int, int], set[int]] = {}
    for one, key, record in codes:
        if kind is None or one == kind:
            holders.setdefault((one, key), set()).add(record)
    return {r for held in holders.values() if len({owner[one] for one in held}) > 1 for r in held}


@given(
    codes=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 12), st.integers(0, 19)), min_size=1, max_size=80),
    run_bytes=st.sampled_from([1, 300, 1 << 20]),
)
@settings(max_examples=60, deadline=None)
def test_sharing_equals_a_slow_count(tmp_path_factory, codes, run_bytes):
    folder = tmp_path_factory.getbasetemp()
    rng = np.random.default_rng(0)
    texts = rng.integers(0, 256, (13, 16), np.uint8)
    before = Spool.__init__.__kwdefaults__["run_bytes"]
    Spool.__init__.__kwdefaults__["run_bytes"] = run_bytes
    try:
        with KeySpool(folder) as keys:
            for part in (codes[:30], codes[30:]):
                if part:
                    kind, key, record = (np.array(column) for column in zip(*part, strict=True))
                    keys.add(kind.astype(np.uint8), texts[key], record.astype(np.uint32))
            pairs = find_pairs(keys.groups(), PROFILE.encoding, folder)
            owner = owners(pairs, 20)
            found = count_sharing(keys.groups(), owner, KINDS)
    finally:
        Spool.__init__.__kwdefaults__["run_bytes"] = before
    expected = slow_pairs(codes, enough=2)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == sorted(expected)
    assert owner.tolist() == slow_owner(expected, 20)
    assert found.persons == len(set(owner.tolist()))
    assert found.sharing == len(slow_sharing(codes, owner.tolist()))
    for number, kind in enumerate(found.kinds):
        assert kind.records == len(slow_sharing(codes, owner.tolist(), number))
    assert found.several_identities == len({one[2] for one, n in Counter(codes).items() if n > 1})


def test_a_match_key_of_many_records_makes_no_pairs(tmp_path):
    # The same number in 33 records counts as a placeholder, in 32 as one person.
    for n, persons in ((32, 1), (33, 33)):
        with KeySpool(tmp_path) as keys:
            keys.add(np.zeros(n, np.uint8), np.zeros((n, 16), np.uint8), np.arange(n, dtype=np.uint32))
            pairs = find_pairs(keys.groups(), PROFILE.encoding, tmp_path)
            found = count_sharing(keys.groups(), owners(pairs, n), KINDS)
        assert (found.persons, found.largest_person) == (persons, 32 if n == 32 else 1)
        assert found.kinds[0].largest_group == persons


def test_temporary_files_lie_beside_the_file_or_where_one_may_write(tmp_path, monkeypatch):
    assert folder_for(tmp_path / "x") == tmp_path
    monkeypatch.setattr("pseudonym.audit.keys.os.access", lambda *_: False)
    assert folder_for(tmp_path / "x") != tmp_path


# Whether contents look random.


def fill_of(content, *, keys=None, padded=True):
    n = len(content)
    match_key = np.sort(np.arange(n, dtype=">u8") if keys is None else keys).view(np.uint8).reshape(n, 8)
    tally = FillTally(8 * content.shape[1], padded=padded)
    for start in range(0, n, 1000):
        tally.add(np.tile(match_key[start : start + 1000], (1, 2)), content[start : start + 1000])
    return tally.result()


def noise(n=4000, n_bytes=40):
    return np.random.default_rng(7).integers(0, 256, (n, n_bytes), np.uint8)


def test_random_contents_look_random():
    found = fill_of(noise())
    assert found.looks_random
    assert found.mean == pytest.approx(0.5, abs=0.005)
    assert found.spread == pytest.approx(found.random_spread, rel=0.05)
    ones = np.unpackbits(noise(), axis=1).mean(axis=1)
    assert (found.lowest, found.highest) == (ones.min(), ones.max())
    assert found.spread == pytest.approx(ones.std())


def constant(content):
    content[:] = content[0]


def one_bit(content):
    content[:, 3] |= 1


def emptier(content):
    content &= np.random.default_rng(8).integers(0, 256, content.shape, np.uint8) | 0xF0


def full_and_empty(content):
    # Every bit is one as often as zero, and no contents are equal: only the spread shows it.
    more = np.random.default_rng(8).integers(0, 256, content.shape, np.uint8)
    content[:] = np.where(np.arange(len(content))[:, None] % 2, content | more, content & more)


@pytest.mark.parametrize("spoil", [constant, one_bit, emptier, full_and_empty])
def test_contents_without_a_pad_do_not_look_random(spoil):
    content = noise()
    spoil(content)
    assert not fill_of(content).looks_random


def test_a_content_repeats_only_under_different_match_keys():
    content = noise()
    content[8] = content[7]
    assert (fill_of(content).repeated, fill_of(content).looks_random) == (2, False)
    keys = np.arange(len(content), dtype=">u8")
    keys[8] = 7
    found = fill_of(content, keys=keys)
    assert (found.repeated, found.looks_random, found.contents) == (0, True, len(content) - 1)
    assert MAX_SIGMA > 5


# Whole submissions.


def test_a_submission_of_strangers(tmp_path):
    found = look(send(tmp_path / "a", "police", 1, crowd("a", range(50))))
    assert (found.sharing.records, found.sharing.persons, found.sharing.sharing) == (50, 50, 0)
    assert (found.repeated_pairs, found.listed, found.faults) == (0, (), {})
    kinds = found.as_json()["sharing"]["kinds"]
    assert [(kind["kind"], kind["codes"], kind["largest_group"]) for kind in kinds] == [
        ("number", 1, 1),
        ("names", 2, 1),
    ]


def test_records_of_one_person_are_listed_by_their_ids(tmp_path):
    dates = {"event_date": "2026-03"}
    records = [Rec("x", 1, values=dates), Rec("y", 1, values=dates), Rec("z", 1), Rec("w", 1), *crowd("a", range(5, 9))]
    found = look(send(tmp_path / "a", "police", 1, records))
    assert found.repeated_pairs == 6
    # Pairs with equal case data come first; two records without case data do not count as equal.
    assert (found.entered_twice, set(found.listed[0])) == (1, {"x", "y"})
    assert {frozenset(pair) for pair in found.listed} == {frozenset(pair) for pair in combinations("xyzw", 2)}
    assert (found.sharing.persons, found.sharing.sharing, found.sharing.largest_person) == (5, 0, 4)
    assert "records.entered_twice" in rules(found)


def test_an_id_that_breaks_the_rule_for_ids_is_not_listed(tmp_path):
    found = look(send(tmp_path / "a", "police", 1, [Rec("20110713-9980", 1), Rec("fine", 1)]))
    assert set(found.listed[0]) == {None, "fine"}
    assert found.faults == {"record_id.number_like": 1}


def test_rows_that_the_registry_would_quarantine_are_counted(tmp_path):
    day = Rec("c", 21, {"discovered_on": "2026-03-01"})
    found = look(send(tmp_path / "a", "police", 1, [*crowd("a", range(9)), Rec("b", 20, missing=1), day]))
    assert found.faults == {"codes.counts": 1, "discovered_on.day": 1}
    assert rules(found)[:2] == ["codes.counts", "discovered_on.day"]


def test_records_that_show_several_identities_are_counted(tmp_path):
    found = look(send(tmp_path / "a", "police", 1, [Rec("a", 1, repeats=True), Rec("b", 2)]))
    assert found.sharing.several_identities == 1


def test_a_share_rate_above_the_measured_one_causes_a_warning(tmp_path):
    # Groups of 40 share all match keys, and are too large to count as one person.
    names_only = make_profile(match_keys=[{"kind": "names", "parts": ["name_sound"], "codes": 3}])
    names_only = names_only.model_copy(update={"privacy": PRIVACY})
    records = [Rec(f"r{n}", n // 40) for n in range(120)]
    found = look(send(tmp_path / "a", "police", 1, records, profile=names_only), names_only)
    assert (found.sharing.share_rate, found.repeated_pairs) == (1.0, 0)
    assert "density.share_rate" in rules(found)
    # One match key in common makes no person here. Few records scatter: where one in ten shares, two of ten may.
    one_key = make_profile(match_keys=[{"kind": "names", "parts": ["name_sound"], "codes": 1}])
    one_key = one_key.model_copy(update={"privacy": PRIVACY})
    for sharing, said in ((2, False), (4, True)):
        few = [Rec(f"r{n}", max(n, sharing - 1)) for n in range(10)]
        found = look(send(tmp_path / "b", "b", 1, few, profile=one_key), one_key)
        assert (found.sharing.sharing, "density.share_rate" in rules(found)) == (sharing, said)


def test_a_file_full_of_copies_causes_a_warning(tmp_path):
    strangers = crowd("a", range(400))
    for copies, expected in ((20, []), (21, ["records.copies"])):
        records = [*strangers, *(Rec(f"c-{n}", 1000) for n in range(copies))]
        found = look(send(tmp_path / "a", "police", 1, records))
        assert found.largest_crowd == copies
        assert [rule for rule in rules(found) if rule.startswith(("records.copies", "keys."))] == []
        found = look(send(tmp_path / "a", "police", 1, records[-copies:] + strangers[:100]))
        assert [rule for rule in rules(found) if rule == "records.copies"] == expected
    assert found.as_json()["sharing"]["crowded_codes"] == found.crowded_codes == 3 * 21


def test_a_match_key_of_very_many_records_causes_a_warning(tmp_path):
    for copies, said in ((MAX_OF_REPORTER, False), (MAX_OF_REPORTER + 1, True)):
        found = look(send(tmp_path / "a", "police", 1, [Rec(f"c-{n}", 1000) for n in range(copies)]))
        assert ("keys.flooded" in rules(found)) is said


def test_fewer_persons_share_less():
    assert expected_share_rate(PRIVACY, 10) == pytest.approx(0.1)
    assert expected_share_rate(PRIVACY, 1) == 0
    assert expected_share_rate(PRIVACY, 19) == pytest.approx(1 - 0.9**2)
    assert expected_share_rate(PRIVACY.model_copy(update={"persons": None}), 5) is None


def test_unmeasured_and_unguarded_profiles_cause_warnings(tmp_path):
    assert rules(look(send(tmp_path / "a", "police", 1, crowd("a", range(3))), PROFILE)) == ["profile.unmeasured"]
    found = look(send(tmp_path / "b", "police", 1, crowd("a", range(3)), profile=UNGUARDED), UNGUARDED)
    assert rules(found)[0] == "profile.unguarded"
    assert (found.repeated_pairs, found.sharing.kinds[0].largest_group, found.fill.padded) == (0, 3, False)


@pytest.mark.parametrize(
    ("field", "figure", "count", "rule"),
    [
        ("number", "missing", 41, "number.missing"),
        ("number", "marked", 11, "number.marked"),
        ("birth_date", "unreadable", 3, "birth_date.unreadable"),
        ("family_names", "missing", 6, "family_names.missing"),
    ],
)
def test_figures_of_the_identity_cause_warnings(tmp_path, field, figure, count, rule):
    def found(number):
        quality = {name: {"missing": 0, "unreadable": 0, "marked": 0} for name in IDENTITY_FIELDS}
        quality[field] = quality[field] | {figure: number}
        return rules(look(send(tmp_path / "a", "police", 1, crowd("a", range(100)), quality=quality)))

    assert found(count - 1) == []
    assert found(count) == [rule]


def test_records_without_number_and_date_cause_a_warning(tmp_path):
    quality = {name: {"missing": 0, "unreadable": 0, "marked": 0} for name in IDENTITY_FIELDS}
    for missing, expected in ((10, []), (11, ["identity.thin"])):
        quality |= {name: {"missing": missing, "unreadable": 0, "marked": 0} for name in ("number", "birth_date")}
        path = send(tmp_path / "a", "police", 1, crowd("a", range(100)), quality=quality)
        assert rules(look(path)) == expected


def test_payload_is_counted_by_item_and_together(tmp_path):
    book = load_codebook("case-registry")
    codes = {item.name: [code.code for code in item.codes] for item in book.items}
    kinds, ages = codes["state"], codes["age_at_event"]
    rows = [(kinds[0], ages[0])] * 5 + [(kinds[0], ages[1]), (kinds[1], ages[0])]
    records = [Rec(f"r{n}", n, payload={"state": kind, "age_at_event": age}) for n, (kind, age) in enumerate(rows)]
    path = send(tmp_path / "a", "police", 1, [*records, Rec("none", 99)], codebook=book)
    found = {one["items"]: one for one in look(path, codebook="case-registry").as_json()["payload"]}
    assert found["state"] == {"items": "state", "filled": 7, "unique": 2, "rare": 2}
    together = " + ".join(book.item_names)
    assert found[together] == {"items": together, "filled": 7, "unique": 3, "rare": 3}


def test_an_empty_period_has_no_warnings(tmp_path):
    found = look(send(tmp_path / "a", "police", 1))
    assert (found.sharing.records, found.payload, found.warnings) == (0, (), ())
    assert json.loads(json.dumps(found.as_json()))["contents"] is None


def test_a_whole_file_is_checked_after_its_last_turn(tmp_path):
    path = send(tmp_path / "a", "police", 1, [*crowd("a", range(5)), Rec("a-1", 77)])
    with open_submission(path, profile=PROFILE, codebook=None) as (_, turns):
        assert next(turns).cases.num_rows == 6
        # The turn was yielded before the repeated id was found.
        with pytest.raises(SubmissionError) as caught:
            next(turns)
    assert caught.value.rule == "submission.values"
    with pytest.raises(SubmissionError):
        look(path)


# The command.


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    encoder = Encoder(LinkageKey.generate(), reporter="police", codebook=load_codebook("case-registry"))
    records = [
        Record("a-1", number="20110713-9980", given_names="Annabella", family_names="Oxenstierna", event_date="2026"),
        Record("a-2", number="20110713-9980", given_names="Bella", family_names="Oxenstierna", event_date="2026"),
        Record("a-3", given_names="Bogdan", family_names="Zvonimirovic", birth_date="1989"),
        *(Record(f"b-{n}", number=f"19900101-{n}", given_names="Ci") for n in range(2380, 2390)),
    ]
    encoder.write("out", records, sequence=7)
    return tmp_path


@pytest.fixture
def run(folder, capsys):
    return partial(shown, capsys)


def test_the_command_prints_what_a_submission_reveals(run):
    status, shown = run("check", "out")
    assert status == 3
    assert "out: a submission of police, period none, sequence 7: 13 records, " in shown
    assert "Digests and counts fit." in shown
    assert "Contents: as random bits" in shown
    assert " equal in everything else that is sent" in shown
    assert "(records.entered_twice)" in shown
    found = json.loads(run("check", "out", "--json")[1])
    assert found["header"]["reporter"] == "police"
    assert {frozenset(pair) for pair in found["repeats"]["record_ids"]} == {frozenset({"a-1", "a-2"})}
    assert found["warnings"][-1]["rule"] == "records.entered_twice"


def test_no_code_is_shown(run, folder):
    rows = pq.read_table(folder / "out").to_pylist()
    secret = [row[name] for row in rows for name in ("match_key", "content", "record") if row[name] is not None]
    for words in ([], ["--json"]):
        shown = run("check", "out", *words)[1]
        for value in secret:
            forms = (value.hex(), repr(value)[2:-1], base64.b64encode(value).decode().rstrip("="), str(list(value)))
            assert not any(form[:12] in shown or form[:12].upper() in shown for form in forms)


def test_a_submission_takes_no_options_of_a_case_file(run):
    for words in (["--columns"], ["--column", "number=x"], ["--encoding", "utf-8"], ["--reference-date", "2026-01-01"]):
        assert run("check", "out", *words)[0] == 2
    (Path("cases.csv")).write_text("record_id,number\n1,20110713-9980\n")
    assert run("check", "cases.csv", "--profile", "case-registry")[0] == 2


def test_an_altered_submission_is_refused(run, folder):
    data = bytearray((folder / "out").read_bytes())
    data[len(data) // 2] ^= 0x40
    (folder / "altered").write_bytes(data)
    status, shown = run("check", "altered")
    assert status == 4
    assert "submission." in shown


def test_a_custom_profile_and_codebook(run, folder):
    document = json.loads(load_profile("case-registry").to_json()) | {"name": "own", "privacy": PRIVACY.model_dump()}
    (folder / "own.json").write_text(json.dumps(document))
    profile = parse_profile(json.dumps(document))
    encoder = Encoder(LinkageKey.generate(), reporter="police", profile=profile)
    encoder.write(
        "own", [Record(f"r{n}", given_names="Bo" * n, birth_date=f"19{n}") for n in range(50, 60)], sequence=1
    )
    assert run("check", "own")[0] == 5
    status, shown = run("check", "own", "--profile", "own.json")
    assert "The profile was measured for 10.0 %: ten persons. With 10 such persons, 10.0 % is expected" in " ".join(
        shown.split()
    )
    assert status in {0, 3}
    assert run("check", "own", "--profile", "own.json", "--codebook", "case-registry")[0] == 4


def test_an_empty_period_is_fine(run, folder):
    Encoder(LinkageKey.generate(), reporter="police").write_nothing("none", sequence=1)
    status, shown = run("check", "none")
    assert (status, "No warnings." in shown) == (0, True)
