"""Explaining a pair: the terms add up to what the run stored, and pairs that cannot be explained are refused."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from dataclasses import FrozenInstanceError, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from linkage import cli
from linkage.answers import waterfall_svg, write_waterfall
from linkage.cli.explain_text import explanation_text
from linkage.errors import NotLinkedError, RecordError
from linkage.linkage_unit import fitting
from linkage.linking import score
from linkage.linking.model import ChanceAgreement
from linkage.pipeline import Registry
from linkage.pipeline.explain import CHANGED, NO_KEY
from linkage.pipeline.last_run import split_name
from tests.unit.linkage.helpers import PROFILE, UNGUARDED, Rec, crowd, plain_codes, registry_bytes, send, unit_file

ROLES = [{"case_id": "C", "role": role} for role in ("victim", "accompanying_child")]


def linked(tmp_path, *submissions, profile=PROFILE, **options) -> Registry:
    registry = Registry.create(tmp_path / "r.duckdb", profile=profile, **options)
    for name, records in submissions:
        registry.receive(send(tmp_path / f"{name}.parquet", name, 1, records, profile=profile))
    registry.link()
    return registry


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Three reporters; one has a record twice, and one has a record that differs much from its partner."""
    folder, far = tmp_path_factory.mktemp("usual"), Rec("far", 7, flips=tuple(range(30)))
    linked(
        folder,
        ("a", crowd("a", range(20))),
        ("b", [*crowd("b", range(10, 30)), Rec("b/again/10", 10, flips=(1, 2)), far]),
        ("c", crowd("c", [15, 40])),
    )
    return folder


@pytest.fixture
def usual(made, tmp_path) -> Registry:
    """A copy that a test may change."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Registry.open(tmp_path / "r.duckdb")


def stored(registry):
    """Return what the run stored: {(name, name): row}."""
    return {
        (f"{row['reporter_a']}/{row['record_id_a']}", f"{row['reporter_b']}/{row['record_id_b']}"): row
        for row in registry.links().to_pylist()
    }


@pytest.mark.whole
def test_the_parts_add_up_to_what_is_stored(usual):
    rows = stored(usual)
    assert len(rows) > 10
    for one, other in [*list(rows)[::3], ("a/a-10", "b/b/again/10")]:
        row = rows[one, other]
        found = usual.explain(one, other)
        assert found.match_weight == pytest.approx(row["match_weight"], abs=1e-9)
        assert sum(field.weight for field in found.fields) == pytest.approx(row["match_weight"], abs=1e-9)
        total = sum(bits for _, bits in found.steps())
        assert total == pytest.approx(found.log_odds_bits, abs=1e-9)
        assert 1 / (1 + 2**-total) == pytest.approx(row["probability"], abs=1e-9)
        assert (found.probability, found.decision, found.reason) == (
            row["probability"],
            row["decision"],
            row["reason"],
        )


@pytest.mark.whole
def test_odds_before_competition_are_prior_fields_and_rivals(usual):
    found = usual.explain("a/a-12", "b/b-12")
    bits = found.prior_bits + found.match_weight + found.rivals_bits
    assert 1 / (1 + 2**-bits) == pytest.approx(found.before)
    assert found.prior == pytest.approx(1 / (1 + 2**-found.prior_bits))
    assert found.rivals_bits == pytest.approx(-np.log2(1 + sum(rival.odds for rival in found.rivals)))
    assert found.rivals_bits <= 0
    assert {"namesake", "twin", "borrowed number"} <= {rival.name for rival in found.rivals}


@pytest.mark.whole
def test_what_numbers_of_others_show_is_a_part_of_its_own(usual, monkeypatch):
    def corrected(*_, model, **__):
        return model.with_chance(ChanceAgreement(0.5, 50.0), ChanceAgreement(4.0, 50.0))

    before = usual.explain("a/a-12", "b/b-12")
    monkeypatch.setattr(fitting, "chance_agreement", corrected)
    # As if the serial were no number, so that these pairs have none to compare.
    monkeypatch.setattr(score, "NUMBERS", frozenset())
    usual.link(refit=True)
    for one, other, bits in (("a/a-12", "b/b-12", 1.0), ("b/b-10", "b/b/again/10", -2.0)):
        found = usual.explain(one, other)
        assert found.chance_bits == pytest.approx(bits)
        assert dict(found.steps())["chance"] == found.chance_bits
        assert sum(step for _, step in found.steps()) == pytest.approx(found.log_odds_bits, abs=1e-9)
        assert "as numbers of others show" in " ".join(explanation_text(found).split())
    assert before.chance_bits == 0
    assert "chance" not in dict(before.steps())


@pytest.mark.whole
def test_which_record_is_named_first_changes_nothing_else(usual):
    one, other = usual.explain("a/a-12", "b/b-12"), usual.explain(("b", "b-12"), ("a", "a-12"))
    assert (one.a, one.b) == (other.b, other.a)
    assert (one.fields, one.steps(), one.keys) == (other.fields, other.steps(), other.keys)


@pytest.mark.whole
def test_fields_have_their_level_and_its_probabilities(usual):
    found = usual.explain("a/a-10", "b/b/again/10")
    fields = {field.field: field for field in found.fields}
    family = fields["family_names"]
    assert (family.outcome, family.distance, family.unit, family.level, family.n_levels) == (
        "compared",
        2.0,
        "bits",
        1,
        2,
    )
    for field in found.fields:
        assert field.weight == pytest.approx(np.log2(field.m / field.u))
    assert fields["serial"].unit == "slots"


@pytest.mark.whole
def test_keys_are_counted_by_kind_and_not_shown(usual):
    found = usual.explain("a/a-12", "b/b-12")
    assert found.keys == {"number": 1, "names": 2}
    whole = json.dumps(found.to_dict())
    for _, key_hi, key_lo, _, content in plain_codes(usual)[:50]:
        assert str(key_hi) not in whole
        assert str(key_lo) not in whole
        assert content.hex() not in whole


def absent_family(number: int) -> Rec:
    """Return a record without a family name: its presence slot differs in every code."""
    places = {place.field: place for place in PROFILE.encoding.layout}
    family = places["family_names"]
    return Rec(f"b-{number}", number, flips=(family.presence_bit - family.first_bit,))


@pytest.mark.whole
def test_an_absent_field_gives_no_bits_and_is_no_disagreement(tmp_path):
    registry = linked(tmp_path, ("a", crowd("a", range(12))), ("b", [absent_family(3), *crowd("b", range(4, 12))]))
    found = registry.explain("a/a-3", "b/b-3")
    family = next(field for field in found.fields if field.field == "family_names")
    assert (family.outcome, family.distance, family.level, family.m, family.u) == ("absent", None, None, None, None)
    assert family.weight == 0
    assert "family_names" not in dict(found.steps())
    assert re.search(r"family_names +absent .*\+0\.00", explanation_text(found))
    whole = registry.explain("a/a-5", "b/b-5")
    assert whole.match_weight > found.match_weight


@pytest.mark.whole
def test_candidates_that_compete_are_named(usual):
    found = usual.explain("a/a-10", "b/b-10")
    (again,) = [candidate for candidate in found.candidates if candidate.of == 0]
    assert (again.reporter, again.record_id, again.competes) == ("b", "b/again/10", True)
    assert again.before >= 0.5
    (inside,) = [candidate for candidate in found.candidates if candidate.of == 1]
    assert (inside.record_id, inside.competes) == ("b/again/10", False)
    third = usual.explain("a/a-15", "b/b-15").candidates
    assert [(one.of, one.reporter, one.competes) for one in third] == [(0, "c", False), (1, "c", False)]


@pytest.mark.whole
def test_another_record_of_the_same_person_takes_little_from_a_pair(tmp_path):
    """The two records of one reporter are one person, so they do not compete as two persons would."""
    sent = [*crowd("b", range(10, 50)), Rec("other", 12, flips=tuple(range(9)))]
    registry = linked(tmp_path, ("a", crowd("a", range(40))), ("b", sent))
    contested, free = registry.explain("a/a-12", "b/b-12"), registry.explain("a/a-13", "b/b-13")
    assert free.competition_bits - 1 < contested.competition_bits < free.competition_bits
    assert "1 other candidate competes" in explanation_text(contested)


@pytest.mark.whole
def test_a_pair_within_a_reporter_has_no_competition(usual):
    found = usual.explain("b/b-10", "b/b/again/10")
    assert found.competition_bits == pytest.approx(0, abs=1e-9)
    assert "none within one reporter" in explanation_text(found)


@pytest.mark.whole
def test_without_a_shared_key_there_is_no_evidence(usual):
    found = usual.explain("a/a-1", "c/c-40")
    assert (found.keys, found.fields, found.match_weight, found.rivals_bits) == ({}, (), 0, 0)
    assert found.probability is None
    assert found.before == pytest.approx(found.prior)
    assert NO_KEY in found.notes
    text = explanation_text(found)
    assert "Shared match keys: none" in text
    assert "they were never compared" in " ".join(text.split())
    assert found.decision == "no link"


@pytest.mark.whole
def test_a_registry_without_any_pair_gives_the_prior_of_the_profile(tmp_path):
    found = linked(tmp_path, ("a", crowd("a", [1])), ("b", crowd("b", [2]))).explain("a/a-1", "b/b-2")
    assert found.model is None
    assert 0 < found.prior <= 0.5
    assert "no model" in explanation_text(found)


@pytest.mark.whole
def test_a_pair_too_improbable_to_be_stored_is_marked(tmp_path):
    far = [Rec(f"b-{number}", number, flips=tuple(range(40))) for number in range(5, 10)]
    registry = linked(tmp_path, ("a", crowd("a", range(400))), ("b", [*crowd("b", range(10, 400)), *far]))
    rows = stored(registry)
    gone = [number for number in range(5, 10) if (f"a/a-{number}", f"b/b-{number}") not in rows]
    for number in gone[:1]:
        found = registry.explain(f"a/a-{number}", f"b/b-{number}")
        assert found.keys
        assert (found.probability, found.competition_bits) == (None, None)
        assert sum(bits for _, bits in found.steps()) == pytest.approx(found.log_odds_bits)
        assert "is not stored" in explanation_text(found)


@pytest.mark.whole
def test_roles_that_keep_a_probable_pair_apart_are_the_reason(tmp_path):
    registry = linked(tmp_path, ("a", [Rec("x", 1, ROLES[0]), Rec("y", 1, ROLES[1]), *crowd("a", range(2, 9))]))
    found = registry.explain("a/x", "a/y")
    assert (found.decision, found.reason, found.persons.same) == ("review", "roles in one case", False)
    assert found.probability >= 0.5
    assert "cannot be one person" in " ".join(explanation_text(found).split())


@pytest.mark.whole
def test_roles_of_other_records_of_the_two_persons_are_told_apart(tmp_path):
    # The third record has no role; it joins one of the two, and what keeps it from the other is their roles.
    third = [*crowd("b", [1]), *crowd("b", range(20, 26))]
    registry = linked(
        tmp_path, ("a", [Rec("x", 1, ROLES[0]), Rec("y", 1, ROLES[1]), *crowd("a", range(20, 29))]), ("b", third)
    )
    reasons = {tuple(sorted(pair)): row["reason"] for pair, row in stored(registry).items()}
    assert reasons["a/x", "a/y"] == "roles in one case"
    assert sorted([reasons["a/x", "b/b-1"], reasons["a/y", "b/b-1"]]) == ["", "roles of other records"]


@pytest.mark.whole
def test_the_sizes_of_the_two_persons_are_given(usual):
    found = usual.explain("a/a-15", "c/c-40")
    assert (found.persons.records, found.persons.pairs, found.persons.in_favour) == ((3, 1), 3, 0)
    assert "Of the 3 pairs of records between them, 0 are evidence for one person" in explanation_text(found)


@pytest.mark.whole
def test_an_explanation_is_plain_and_frozen(usual):
    found = usual.explain("a/a-12", "b/b-12")
    with pytest.raises(FrozenInstanceError):
        found.match_weight = 0
    back = json.loads(json.dumps(found.to_dict()))
    assert back["a"] == {"reporter": "a", "record_id": "a-12", "person_id": found.a.person_id}
    assert sum(step["bits"] for step in back["steps"]) == pytest.approx(back["log_odds_bits"])


@pytest.mark.whole
def test_explaining_changes_nothing(usual):
    before = registry_bytes(usual)
    usual.explain("a/a-12", "b/b-12")
    assert registry_bytes(usual) == before


@pytest.mark.whole
def test_an_unguarded_profile_is_explained_too(tmp_path):
    registry = linked(
        tmp_path, ("a", crowd("a", range(6))), ("b", crowd("b", range(6))), profile=UNGUARDED, allow_unguarded="a test"
    )
    row = stored(registry)["a/a-3", "b/b-3"]
    found = registry.explain("a/a-3", "b/b-3")
    assert found.keys == {"all": 1}
    assert found.match_weight == pytest.approx(row["match_weight"])


# Pairs that cannot be explained.


@pytest.mark.whole
@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("a/a-1", "a/a-1", "explain.same"),
        ("a/none", "a/a-1", "explain.unknown"),
        ("a/a-1", "d/a-1", "explain.unknown"),
        ("a", "a/a-1", "explain.name"),
        ("a/a-1", "/a-1", "explain.name"),
        ("a/", "a/a-1", "explain.name"),
    ],
)
def test_what_is_not_a_pair_is_refused(usual, one, other, rule):
    with pytest.raises(RecordError) as caught:
        usual.explain(one, other)
    assert caught.value.rule == rule
    assert "none" not in caught.value.message


@pytest.mark.parametrize(
    "name",
    ["a/\udcff", None, 3, np.int64(3), date(2020, 1, 1), ("a", 3), ("a", np.int64(3)), ("a", "1", "2"), ("a",), b"a/1"],
)
def test_a_malformed_name_never_reaches_the_database(name):
    # Its errors show values: of a number beside a text it names the first text that it met.
    with pytest.raises(RecordError) as caught:
        split_name(name)
    assert caught.value.rule == "explain.name"


def test_a_name_has_two_forms():
    assert split_name("school/2026/0042") == split_name(("school", "2026/0042")) == ("school", "2026/0042")


@pytest.mark.whole
def test_the_error_says_which_record_is_unknown(usual):
    messages = []
    for pair in (("a/none", "a/a-1"), ("a/a-1", "a/none")):
        with pytest.raises(RecordError) as caught:
            usual.explain(*pair)
        messages.append(caught.value.message)
    assert messages[0].startswith("The first record")
    assert messages[1].startswith("The second record")


@pytest.mark.whole
def test_a_record_that_the_run_has_not_seen_as_it_is_is_refused(usual, tmp_path):
    usual.receive(send(tmp_path / "a2", "a", 2, [Rec("a-3", 99), *crowd("a", [50])]))
    for name, said in (("a/a-3", "superseded"), ("a/a-50", "arrived after")):
        with pytest.raises(RecordError, match=said) as caught:
            usual.explain("b/b-12", name)
        assert caught.value.rule == "explain.newer"
    assert CHANGED in usual.explain("a/a-12", "b/b-12").notes


@pytest.mark.whole
def test_records_that_came_later_do_not_touch_the_explanation(usual, tmp_path):
    before = usual.explain("a/a-12", "b/b-12")
    usual.receive(send(tmp_path / "d", "d", 1, crowd("d", range(30))))
    after = usual.explain("a/a-12", "b/b-12")
    assert replace(after, notes=()) == replace(before, notes=())


def test_before_link_there_is_nothing_to_explain(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    with pytest.raises(NotLinkedError):
        registry.explain("a/1", "a/2")


# The picture.


@pytest.mark.whole
def test_the_picture_opens_offline_and_is_named(usual):
    found = usual.explain("a/a-10", "b/b/again/10")
    svg = waterfall_svg(found)
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.find(f"{space}title").text == "a/a-10 and b/b/again/10"
    description = root.find(f"{space}desc").text
    for name, bits in found.steps():
        assert f"{bits:+.2f}" in description, name
    assert f"Sum {found.log_odds_bits:+.2f}" in description
    links = [value for node in root.iter() for name, value in node.attrib.items() if name.endswith("href")]
    assert all(link.startswith("#") for link in links)
    assert "@import" not in svg
    assert "url(http" not in svg
    texts = "".join(root.itertext())
    assert "family names: 2 bits differ" in texts
    assert "link from .5" in texts
    assert waterfall_svg(found) == svg


@pytest.mark.whole
@pytest.mark.parametrize(
    ("change", "picture", "text"),
    [
        ({"field": "sex", "distance": 1.0}, "sex: differs", "sex +differs "),
        ({"field": "sex", "distance": 0.0}, "sex: equal", "sex +equal "),
        ({"distance": 1.0}, "serial: 1 slot differs", "serial +1 slot "),
        ({"distance": 3.0}, "serial: 3 slots differ", "serial +3 slots "),
        ({"distance": 1.0, "unit": "bits"}, "serial: 1 bit differs", r"serial +1\.00 bits "),
    ],
)
def test_a_field_says_in_words_how_it_differs(usual, change, picture, text):
    found = usual.explain("a/a-12", "b/b-12")
    fields = [replace(field, **change) if field.field == "serial" else field for field in found.fields]
    changed = replace(found, fields=tuple(fields))
    assert re.search(f"{picture} [+-]", waterfall_svg(changed))
    assert re.search(text, explanation_text(changed))


@pytest.mark.whole
def test_ids_are_unchanged_in_the_picture(usual, tmp_path):
    found = usual.explain("a/a-12", "b/b-12")
    strange = replace(found, a=replace(found.a, record_id="$x$ <&> å"))
    root = ElementTree.fromstring(waterfall_svg(strange))
    assert "a/$x$ <&> å and b/b-12" in "".join(root.itertext())
    write_waterfall(strange, tmp_path / "pair.svg")
    assert "å" in (tmp_path / "pair.svg").read_text(encoding="utf-8")


@pytest.mark.whole
def test_a_picture_of_nothing_has_the_prior_alone(usual):
    svg = waterfall_svg(usual.explain("a/a-1", "c/c-40"))
    assert "before competition" in svg


# The command.


@pytest.fixture
def run(capsys, usual):
    """Run the command on the usual registry; return exit status, standard output and standard error."""

    def go(*arguments):
        with pytest.raises(SystemExit) as caught:
            cli.main(["explain", str(usual.path), *map(str, arguments)])
        output = capsys.readouterr()
        return caught.value.code or 0, output.out, output.err

    return go


@pytest.mark.whole
def test_the_command_tells_every_part(run):
    status, out, err = run("a/a-10", "b/b/again/10")
    assert (status, err) == (0, "")
    for word in (
        "Shared match keys: 3",
        "given_names",
        "Match weight",
        "prior",
        "rivals",
        "competition",
        "Decision: link",
    ):
        assert word in out


@pytest.mark.whole
def test_the_command_gives_json_and_a_picture(run, tmp_path):
    status, out, _ = run("a/a-12", "b/b-12", "--json", "--svg", tmp_path / "pair.svg")
    assert status == 0
    assert json.loads(out)["decision"] == "link"
    assert ElementTree.parse(tmp_path / "pair.svg").getroot().get("role") == "img"


@pytest.mark.whole
def test_the_command_refuses_in_one_line(run, usual, tmp_path):
    status, out, err = run("a/a-12", "b/nobody")
    assert (status, out) == (2, "")
    assert err.splitlines()[0] == "linkage: The second record is not in the registry. (explain.unknown)"
    assert "nobody" not in err
    before = registry_bytes(usual)
    status, _, err = run("a/a-12", "b/b-12", "--svg", unit_file(usual))
    assert (status, "export.exists" in err) == (6, True)
    assert registry_bytes(usual) == before
    for place in (tmp_path / "no" / "pair.svg", tmp_path / f"{'n' * 300}.svg"):
        status, _, err = run("a/a-12", "b/b-12", "--svg", place)
        assert status == 6
        assert "cannot be written" in err
