"""Tables of u and m are made from records that are compared under one shared match key."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("faker", reason="the extra `benchmarks` is not installed")

from benchmarks.keys import fixed_key_text
from benchmarks.quality.data.datasets import synthetic
from benchmarks.quality.studies.field_tables import levels_of, open_profile
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from pseudonym.profile import load_profile
from tools import make_profile_tables
from tools.make_profile_tables import first_values, make_linking

PROFILE = load_profile("case-registry")


def test_the_first_value_of_each_field_is_used() -> None:
    dataset = synthetic(60, level="low", seed=1)
    found = first_values(dataset)
    assert len(found) == len(dataset.truth)
    assert len({record.record_id for _, record in found}) == len(found)
    assert {person for person, _ in found} == set(dataset.truth["person"])


def test_any_two_records_can_be_compared() -> None:
    assert PROFILE.linking is not None
    records = [Record(f"r{index}", given_names=name, family_names="Lind") for index, name in enumerate(("Anna", "Eva"))]
    encoder = Encoder(
        LinkageKey.parse(fixed_key_text("any")), reporter="one", profile=open_profile(PROFILE), keep_empty=True
    )
    content = np.concatenate([batch.codes.content[:, 0] for batch in encoder.batches(records)])
    tables = PROFILE.linking.fields
    pairs = np.array([[0, 1], [1, 0]])
    found = levels_of(content, pairs, profile=PROFILE, tables=tables)
    levels = {table.field: (column.tolist(), len(table.u) - 1) for table, column in zip(tables, found.T, strict=True)}
    (given, equal), (family, _) = levels["given_names"], levels["family_names"]
    assert family == [equal, equal]
    assert given[0] == given[1] < equal
    assert levels["sex"][0] == [-1, -1]


def test_equal_fields_are_rarer_among_different_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_profile_tables, "N_KEYS", 2)
    records = first_values(synthetic(60, level="low", seed=1))
    linking = make_linking(PROFILE, records, n_pairs=2000, seed=1)
    assert linking == make_linking(PROFILE, records, n_pairs=2000, seed=1)
    fields = linking["fields"]
    assert isinstance(fields, list)
    assert PROFILE.linking is not None
    assert [(one["field"], one["edges"]) for one in fields] == [
        (one.field, one.edges) for one in PROFILE.linking.fields
    ]
    for one in fields:
        assert sum(one["u"]) == pytest.approx(1)
        assert sum(one["m"]) == pytest.approx(1)
        assert one["field"] not in ("given_names", "family_names", "sex") or one["m"][-1] > one["u"][-1]
