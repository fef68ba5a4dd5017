"""What codes are made of: fixed numbers, bound to their match key, padded, and the same in every run."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pseudonym.encode import Encoder, Record
from pseudonym.errors import InputError, ProfileError
from pseudonym.faults import NO_RECORD, Fault
from pseudonym.keyed import LinkageKey
from pseudonym.profile import Profile, load_profile, parse_profile
from pseudonym.wire import read_header, read_submission

ANNA = Record(
    "a-1", number="19811218-9868", given_names="Anna Maria", family_names="Åström", birth_date="1981-12-18", sex="woman"
)
ANA = Record("b-1", given_names="Ana Maria", family_names="Astrom", birth_date="1981-12-18", sex="woman")
EMPTY = Record("c-1")

DATE_SOUNDS = 4
"""The place of the first code of date and sounds under case-registry: two of each number stand before it."""


@pytest.fixture(scope="module")
def key() -> LinkageKey:
    """Return a key of no secrecy, the same in every run."""
    return LinkageKey._from_secret(bytes(range(32)), project="test", epoch=1)


def _batch(key, records, *, reporter="police", profile="case-registry"):
    (batch,) = Encoder(key, reporter=reporter, profile=profile, keep_empty=True).batches(records)
    return batch


def _shared(batch, first=0, second=1):
    """Return the code places in which two records of a batch share a match key, as `(i, j)`."""
    left, right = batch.codes.match_key[first], batch.codes.match_key[second]
    return [(i, j) for i in range(len(left)) for j in range(len(right)) if (left[i] == right[j]).all()]


def _segment(content, profile: Profile, field: str) -> np.ndarray:
    bits = np.unpackbits(content, axis=-1, bitorder="little")
    place = next(place for place in profile.encoding.layout if place.field == field)
    return bits[..., place.first_bit : place.first_bit + place.n_bits]


def _presence(content, profile: Profile, field: str) -> np.ndarray:
    bits = np.unpackbits(content, axis=-1, bitorder="little")
    place = next(place for place in profile.encoding.layout if place.field == field)
    return bits[..., place.presence_bit : place.presence_bit + 8]


@pytest.mark.parametrize("name", ["case-registry", "population", "clk"])
def test_every_record_emits_the_same_number_of_codes_of_each_kind(key, name):
    batch = _batch(key, [ANNA, ANA, EMPTY], profile=name)
    counts = [tuple(np.bincount(kinds)) for kinds in batch.codes.kind]
    assert set(counts) == {load_profile(name).encoding.codes_per_kind}


def test_match_keys_within_a_record_are_distinct(key):
    for keys in _batch(key, [ANNA, ANA, EMPTY]).codes.match_key:
        assert len(np.unique(keys, axis=0)) == len(keys)


def test_an_empty_record_meets_nobody(key):
    batch = _batch(key, [ANNA, EMPTY, replace(EMPTY, record_id="c-2")])
    assert not _shared(batch, 0, 1)
    assert not _shared(batch, 1, 2)


def test_padding_differs_between_reporters_with_the_same_record_id(key):
    one, other = (_batch(key, [EMPTY], reporter=reporter) for reporter in ("police", "school"))
    assert not (one.codes.match_key == other.codes.match_key).all(axis=2).any()


def test_codes_do_not_depend_on_batch_run_or_neighbours(key):
    alone = _batch(key, [ANNA])
    together = _batch(key, [EMPTY, ANA, ANNA])
    assert (alone.codes.match_key[0] == together.codes.match_key[2]).all()
    assert (alone.codes.content[0] == together.codes.content[2]).all()


def test_spellings_meet_and_only_their_names_differ(key):
    batch, profile = _batch(key, [ANNA, ANA]), load_profile("case-registry")
    distances = []
    for i, j in _shared(batch):
        difference = batch.codes.content[0, i] ^ batch.codes.content[1, j]
        # One bigram stands in one name only; in some of the codes its bits fall on those of another.
        assert _segment(difference, profile, "given_names").sum() < 12
        distances.append(_segment(difference, profile, "given_names").sum())
        # The register's form of Åström has bigrams of its own, so that such names are near and not equal.
        assert 0 < _segment(difference, profile, "family_names").sum() < 16
        for field in ("birth_year", "birth_month", "birth_day", "sex"):
            assert not _segment(difference, profile, field).any()
            assert not _presence(difference, profile, field).any()
    assert sum(distances) > 0


def test_an_absent_field_does_not_look_present(key):
    batch, profile = _batch(key, [ANNA, ANA]), load_profile("case-registry")
    assert _shared(batch)
    looks = [
        _presence(batch.codes.content[0, i] ^ batch.codes.content[1, j], profile, "serial").any()
        for i, j in _shared(batch)
    ]
    assert sum(looks) >= len(looks) - 1


def test_numbers_of_two_types_are_missing_to_each_other(key):
    profile = load_profile("case-registry")
    other = replace(ANNA, record_id="a-2", number="19811278-9873")
    same = replace(ANNA, record_id="a-3", number="19811218-9868")
    batch = _batch(key, [ANNA, other, same])
    between_types = [
        _presence(batch.codes.content[0, i] ^ batch.codes.content[1, j], profile, "serial").any()
        for i, j in _shared(batch)
    ]
    within_type = [
        _presence(batch.codes.content[0, i] ^ batch.codes.content[2, j], profile, "serial").any()
        for i, j in _shared(batch, 0, 2)
    ]
    # Two absent fields look alike in one shared match key of 256.
    assert sum(between_types) > 0.9 * len(between_types) > 0
    assert not any(within_type)
    assert within_type


def test_exchanged_names_show_as_one_difference_in_both_segments(key):
    swapped = replace(ANNA, record_id="a-2", given_names=ANNA.family_names, family_names=ANNA.given_names)
    batch, profile = _batch(key, [ANNA, swapped]), load_profile("case-registry")
    shared = _shared(batch)
    assert shared
    for i, j in shared:
        difference = batch.codes.content[0, i] ^ batch.codes.content[1, j]
        given, family = (_segment(difference, profile, field) for field in ("given_names", "family_names"))
        assert given.any()
        assert (given == family).all()


@pytest.mark.whole
def test_the_fill_of_a_padded_code_tells_nothing_of_the_number_of_tokens(key):
    short = [Record(f"s-{i}", given_names="Bo", birth_date="1990-01-01") for i in range(200)]
    long = [
        Record(
            f"l-{i}",
            given_names="Anna-Karin Britt-Marie Charlotta",
            family_names="Oxenstierna",
            birth_date="1990-01-01",
        )
        for i in range(200)
    ]
    fills = []
    for records in (short, long):
        # One key a record: within one key all these records share their match keys, and so their pad.
        contents = [
            _batch(LinkageKey._from_secret(bytes([place] * 32), project="test", epoch=1), [record]).codes.content[
                0, DATE_SOUNDS
            ]
            for place, record in enumerate(records)
        ]
        fills.append(np.unpackbits(np.array(contents), axis=1).sum(axis=1).mean())
    n_bits = load_profile("case-registry").encoding.content_bytes * 8
    standard_error = np.sqrt(n_bits / 4 / 200)
    assert all(abs(fill - n_bits / 2) < 5 * standard_error for fill in fills)


def test_the_same_name_has_unrelated_bits_under_two_match_keys(key):
    document = json.loads(load_profile("case-registry").to_json())
    document["encoding"]["padded"] = False
    profile = parse_profile(json.dumps(document))
    other_day = replace(ANNA, record_id="a-2", birth_date="1981-12-19")
    batch = _batch(key, [ANNA, other_day], profile=profile)
    one, two = (_segment(batch.codes.content[row, DATE_SOUNDS], profile, "given_names") for row in (0, 1))
    assert (one != two).any()
    assert one.any()


def test_clk_is_one_unpadded_filter_of_all_fields(key):
    batch, profile = _batch(key, [ANNA, ANA, EMPTY], profile="clk"), load_profile("clk")
    fills = _segment(batch.codes.content[:, 0], profile, "record").sum(axis=1)
    assert (batch.codes.match_key[0] == batch.codes.match_key[1]).all()
    assert fills[0] > fills[1] > 0


@pytest.mark.parametrize(
    ("record_id", "rule"),
    [
        ("", "record_id.missing"),
        (" a", "record_id.form"),
        ("a" * 65, "record_id.form"),
        ("a\nb", "record_id.form"),
        ("198112189868", "record_id.number_like"),
        ("811218-9868", "record_id.number_like"),
        ("811278 9873", "record_id.number_like"),
        ("20010312-T123", "record_id.number_like"),
        ("anna maria", "record_id.is_identity"),
        ("ÅSTRÖM", "record_id.is_identity"),
        ("1981-12-18", "record_id.is_identity"),
        ("19811218", "record_id.is_identity"),
        ("18.12.1981", "record_id.is_identity"),
        ("12/18/1981", "record_id.is_identity"),
        ("2026-1981-12-18", "record_id.is_identity"),
        ("an19811218b", "record_id.is_identity"),
        ("case 18/12/1981 no. 4", "record_id.is_identity"),
        ("Åström, Anna Maria", "record_id.is_identity"),
        ("p198112189868", "record_id.is_identity"),
        ("19811218-9868-1", "record_id.is_identity"),
        ("=1+1", "record_id.formula"),
        ("@SUM(1)", "record_id.formula"),
        ("+46", "record_id.formula"),
        ("a-1\u200b", "record_id.form"),
        ("\ufeffa-1", "record_id.form"),
        ("\ta-1", "record_id.form"),
    ],
)
def test_an_id_that_carries_the_identity_is_rejected(key, record_id, rule, tmp_path):
    record = replace(ANNA, record_id=record_id)
    batch = _batch(key, [record])
    assert [(fault.rule, fault.effect) for fault in batch.faults] == [(rule, "rejected")]
    assert batch.record_ids == ()
    encoder = Encoder(key, reporter="police")
    # What cleaning mends is an id like any other.
    mended = [one for one in ("a", "a-1") if one == record_id.strip(" \t\u200b\ufeff")]
    encoded = encoder.encode([record], on_fault="ignore").table
    assert sorted(set(encoded["record_id"].to_pylist())) == mended
    encoder.write(tmp_path / "s.parquet", [ANA, record], sequence=1, on_fault="ignore")
    profile = load_profile("case-registry")
    written = read_submission(tmp_path / "s.parquet", profile=profile, codebook=None).cases["record_id"].to_pylist()
    assert sorted(written) == sorted([*mended, "b-1"])


@pytest.mark.parametrize("record_id", ["119811218", "198112180", "811218", "A-811218-4", "1981-12", "19811219"])
def test_an_id_that_is_like_the_birth_date_by_chance_is_fine(key, record_id):
    assert _batch(key, [replace(ANNA, record_id=record_id)]).record_ids == (record_id,)


@pytest.mark.parametrize(
    "text", ["Åström", "anna-maria", "p8112189868", "1981-12-18", "AN 19811218", "=1+1", "-1", "17\u200b", "1\ufeff7"]
)
def test_an_identity_in_another_id_is_left_out(key, text):
    batch = _batch(key, [replace(ANNA, case_id=text, report_id="r-1")])
    assert [(fault.field, fault.effect) for fault in batch.faults] == [("case_id", "left out")]
    assert text not in batch.cases[0]


def test_no_records_or_none_usable_give_an_empty_table(key):
    encoder = Encoder(key, reporter="police")
    bad = [replace(ANNA, record_id="") for _ in range(1024)]
    for records in ([], bad[:1], bad):
        assert encoder.encode(records, on_fault="ignore").table.num_rows == 0
    table = encoder.encode([*bad, ANNA], on_fault="ignore").table
    assert set(table["record_id"].to_pylist()) == {"a-1"}
    assert table.schema == encoder.encode([]).table.schema


def test_a_record_without_identity_is_sent_only_if_asked_for(key):
    assert [(fault.rule, fault.effect) for fault in _batch(key, [EMPTY]).faults] == [("identity.none", "marked")]
    unread = replace(EMPTY, number="#1", role="onlooker")
    (batch,) = Encoder(key, reporter="police").batches([(2, EMPTY), (3, unread, [Fault(3, "sex", "x", "left out")])])
    assert batch.record_ids == ()
    # Also told is why nothing of the record could be read.
    assert [(fault.row, fault.rule, fault.effect) for fault in batch.faults] == [
        (2, "identity.none", "rejected"),
        (3, "x", "left out"),
        (3, "number.unreadable", "left out"),
        (3, "identity.none", "rejected"),
    ]


def test_a_record_without_identity_does_not_take_the_id_of_another(key):
    (batch,) = Encoder(key, reporter="police").batches([EMPTY, replace(ANNA, record_id="c-1"), ANA])
    assert batch.record_ids == ("c-1", "b-1")
    assert [fault.rule for fault in batch.faults] == ["identity.none"]


def test_rows_that_are_no_record_leave_a_delivery_complete(key, tmp_path):
    encoder = Encoder(key, reporter="police")
    options = {"sequence": 1, "period": "2026-03", "complete": True}
    for rule in sorted(NO_RECORD):
        faults = [Fault(2, None, rule, "rejected")]
        report = encoder.write(tmp_path / "out", [ANNA], faults=faults, on_fault="ignore", **options)
        assert (report.header.complete, report.header.records) == (True, 1)
    with pytest.raises(InputError) as caught:
        encoder.write(tmp_path / "none", [ANNA, EMPTY], **options)
    assert caught.value.rule == "input.incomplete"
    assert "--keep-empty" in caught.value.hint


def test_a_profile_for_other_tables_is_refused(key):
    document = json.loads(load_profile("case-registry").to_json())
    document["encoding"]["tables"] = "0" * 64
    with pytest.raises(ProfileError) as caught:
        Encoder(key, reporter="police", profile=parse_profile(json.dumps(document)))
    assert caught.value.rule == "profile.tables"


def test_noise_of_an_absent_field_differs_between_versions(key):
    profile = load_profile("case-registry")
    older = replace(ANA, record_id="a-1", birth_date="1981-12-18")
    newer = replace(ANA, record_id="a-1", birth_date="1981-12-19")
    contents = [_batch(key, [version]).codes.content[0, DATE_SOUNDS] for version in (older, newer)]
    difference = contents[0] ^ contents[1]
    assert _segment(difference, profile, "serial").any() or _segment(difference, profile, "foreign_number").any()


def _filled(key, record, profile):
    """Return which codes are filled: those that stay when the record has another id."""
    codes = [_batch(key, [replace(record, record_id=one)], profile=profile).codes for one in ("other-1", "other-2")]
    return (codes[0].match_key == codes[1].match_key).all(axis=2)[0]


@pytest.mark.parametrize("profile", ["case-registry", "population"])
@pytest.mark.parametrize(
    "change",
    [
        {"given_names": "Berit"},
        {"birth_date": "1980-11-17"},
        {"sex": "man"},
        {"given_names": "Berit", "birth_date": "1980-11-17", "sex": "man"},
    ],
)
def test_no_missing_code_of_a_version_is_in_another(key, profile, change):
    newer = replace(ANA, **change)
    old, new = (_batch(key, [one], profile=profile).codes for one in (ANA, newer))
    missing = ~_filled(key, ANA, profile)
    assert missing.any()
    assert _filled(key, newer, profile)[~missing].any()
    for one, other in ((old.match_key, new.match_key), (old.content, new.content)):
        assert not {row.tobytes() for row in one[0][missing]} & {row.tobytes() for row in other[0]}


def _contents(key, record):
    codes = _batch(key, [record]).codes
    keys, contents = ([row.tobytes() for row in rows[0]] for rows in (codes.match_key, codes.content))
    return keys, dict(zip(keys, contents, strict=True))


def test_a_code_that_moves_keeps_its_content_and_changes_no_missing_code(key):
    older, newer = (replace(ANA, given_names=names) for names in ("Ana Maria Sol", "Ana Sol Maria"))
    (old_keys, old), (new_keys, new) = _contents(key, older), _contents(key, newer)
    assert old_keys != new_keys
    assert old == new


def test_the_second_record_with_an_id_is_rejected(key):
    batch = _batch(key, [ANNA, replace(ANA, record_id="a-1")])
    assert [(fault.row, fault.rule) for fault in batch.faults] == [(2, "record_id.duplicate")]


def test_an_unreadable_field_is_left_out_and_the_record_stays(key):
    broken = replace(ANNA, birth_date="1981-02-30", sex="x", number="19811218-9869", role="onlooker")
    batch = _batch(key, [broken])
    assert batch.record_ids == ("a-1",)
    assert {(fault.field, fault.effect) for fault in batch.faults} == {
        ("birth_date", "left out"),
        ("sex", "left out"),
        ("number", "marked"),
        ("role", "left out"),
    }


def test_an_invalid_number_meets_the_same_text_and_not_the_valid_number(key):
    wrong = replace(EMPTY, record_id="w-1", number="19811218-9869")
    batch = _batch(
        key, [wrong, replace(wrong, record_id="w-2"), replace(EMPTY, record_id="v-1", number="19811218-9868")]
    )
    assert (0, 0) in _shared(batch, 0, 1)
    assert (0, 0) not in _shared(batch, 0, 2)


def test_a_submission_reads_back_and_two_runs_are_the_same(key, tmp_path):
    profile = load_profile("case-registry")
    headers = []
    for run in range(2):
        encoder = Encoder(key, reporter="police", keep_empty=True)
        report = encoder.write(tmp_path / f"{run}.parquet", [ANNA, ANA, EMPTY], sequence=7)
        headers.append(report.header)
    assert headers[0].digest == headers[1].digest
    submission = read_submission(tmp_path / "0.parquet", profile=profile, codebook=None)
    assert sorted(submission.cases["record_id"].to_pylist()) == ["a-1", "b-1", "c-1"]
    assert submission.codes.num_rows == 3 * profile.encoding.codes_per_record
    assert submission.header.quality is None


def test_order_and_sequence_do_not_change_the_content_digest(key, tmp_path):
    encoder = Encoder(key, reporter="police", keep_empty=True)
    one = encoder.write(tmp_path / "1", [ANNA, ANA, EMPTY], sequence=1).header
    two = encoder.write(tmp_path / "2", [EMPTY, ANNA, ANA], sequence=2).header
    three = encoder.write(tmp_path / "3", [EMPTY, ANNA, replace(ANA, sex="man")], sequence=3).header
    assert one.content_digest == two.content_digest != three.content_digest
    assert one.digest != two.digest


def _handles(path):
    cases = read_submission(path, profile=load_profile("case-registry"), codebook=None).cases
    return dict(zip(cases["record_id"].to_pylist(), cases["record"].to_pylist(), strict=True))


def test_the_handle_of_a_record_is_the_same_in_every_submission_and_of_its_reporter_alone(key, tmp_path):
    encoder = Encoder(key, reporter="police")
    encoder.write(tmp_path / "1", [ANNA, ANA], sequence=1)
    encoder.write(tmp_path / "2", [ANA, replace(ANNA, sex="man")], sequence=2)
    Encoder(key, reporter="school").write(tmp_path / "3", [ANNA, ANA], sequence=1)
    one, two, other = (_handles(tmp_path / name) for name in "123")
    assert one == two
    assert len({*one.values(), *other.values()}) == 4
    other_key = Encoder(LinkageKey.generate(), reporter="police")
    other_key.write(tmp_path / "4", [ANNA, ANA], sequence=1)
    assert not set(one.values()) & set(_handles(tmp_path / "4").values())


@pytest.mark.whole
def test_many_records_come_in_groups_and_read_back(key, tmp_path):
    records = [Record(f"r-{i}", given_names="Anna", birth_date=f"19{i % 100:02d}-01-01") for i in range(2500)]
    encoder = Encoder(key, reporter="police", profile="population")
    encoder.write(tmp_path / "many", records, sequence=1)
    submission = read_submission(tmp_path / "many", profile=encoder.profile, codebook=None)
    assert sorted(submission.cases["record_id"].to_pylist()) == sorted(record.record_id for record in records)


def test_no_usable_record_writes_nothing(key, tmp_path):
    for records in ([], [replace(ANNA, record_id="")]):
        with pytest.raises(InputError) as caught:
            Encoder(key, reporter="police").write(tmp_path / "none", records, sequence=1)
        assert caught.value.rule == "input.no_records"
    assert list(tmp_path.iterdir()) == []


def test_an_empty_period_is_sent_as_such(key, tmp_path):
    Encoder(key, reporter="police").write_nothing(tmp_path / "zero", sequence=1, period="2026-03")
    header = read_header(tmp_path / "zero")
    assert (header.nothing_to_report, header.records, header.period) == (True, 0, "2026-03")


@pytest.mark.parametrize(
    ("reporter", "period", "sequence"), [("", None, 1), ("a b", None, 1), ("a", "2026-13", 1), ("a", None, -1)]
)
def test_a_header_of_wrong_form_is_refused(key, tmp_path, reporter, period, sequence):
    with pytest.raises(InputError) as caught:
        Encoder(key, reporter=reporter).write(tmp_path / "none", [ANNA], sequence=sequence, period=period)
    assert caught.value.rule == "input.header"
    assert list(tmp_path.iterdir()) == []


def test_quality_counts_each_accepted_record_once_a_figure(key, tmp_path):
    records = [
        ANNA,
        Record("q-1", number=["19811218-9869", "LMA-4711"], birth_date=["x", "1981-02-30"], family_names=["", "NN"]),
        Record("q-2", number="okänd", name_of_address="Anna", sex="unknown", number_type="no such type"),
        Record("q-3", family_names=["", *[None] * 7, "Berg"], birth_date=["1981", "1900-01-01", "x"]),
        replace(ANA, record_id=""),
        Record("anna", given_names="Anna"),
    ]
    encoder = Encoder(key, reporter="police")
    assert encoder.write(tmp_path / "few", records, on_fault="ignore").header.quality is None
    whole = Record("", "19811218-9868", "DK 310180-9999", "Anna", "Berg", "1981-12-18", "woman")
    records += [replace(whole, record_id=f"whole-{n}") for n in range(16)]
    header = encoder.write(tmp_path / "out", records, on_fault="ignore").header
    quality = header.quality
    assert (header.records, quality is None) == (20, False)
    figures = {name: (one.missing, one.unreadable, one.marked) for name, one in quality.items()}
    assert figures == {
        "number": (2, 0, 2),
        "foreign_number": (4, 0, 0),
        "given_names": (2, 0, 0),
        "family_names": (2, 0, 1),
        "birth_date": (1, 2, 1),
        "sex": (2, 0, 0),
    }


def test_a_table_of_missing_values_is_encoded_as_one_of_none(key):
    nothing = float("nan")
    table = Record("a-1", number=nothing, given_names=[nothing, "Bo"], role=nothing, payload={})
    plain = Record("a-1", given_names=["", "Bo"])
    one, two = _batch(key, [table]), _batch(key, [plain])
    assert one.cases == two.cases
    assert (one.codes.content == two.codes.content).all()


@pytest.mark.parametrize("item", ["a-1", 17, {"record_id": "a-1"}, (1, "a-1")])
def test_an_item_that_is_not_a_record_is_refused(key, item):
    with pytest.raises(InputError) as caught:
        list(Encoder(key, reporter="police").batches([item]))
    assert (caught.value.rule, caught.value.row) == ("input.type", 1)


def test_two_codes_with_one_match_key_show_two_contents(key):
    """What docs/limitations.md says the registry can see of a record with several identities."""
    two_names = replace(ANNA, family_names=["Åström", "Berg"])
    keys = _batch(key, [two_names]).codes.match_key[0]
    assert (keys[0] == keys[1]).all()
    contents = _batch(key, [two_names]).codes.content[0]
    profile = load_profile("case-registry")
    difference = contents[0] ^ contents[1]
    assert _segment(difference, profile, "family_names").any()
    assert not _segment(difference, profile, "given_names").any()


def test_an_interim_number_meets_itself_within_a_reporter_only(key):
    one, two = (replace(EMPTY, record_id=name, number="20120505-T123") for name in ("i-1", "i-2"))
    assert (0, 0) in _shared(_batch(key, [one, two]))
    police, school = (_batch(key, [one], reporter=reporter).codes.match_key[0] for reporter in ("police", "school"))
    assert not (police[0] == school[0]).all()
