"""The attack on a registry before and after a purge, and what a purge costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.attacks.on_registries import settled
from benchmarks.attacks.world.populations import make_world
from benchmarks.attacks.world.view import observe
from benchmarks.quality.data.datasets import synthetic
from benchmarks.quality.studies.purging import VARIANTS, cost_of_purging
from pseudonym.profile import load_profile

PROFILE = load_profile("case-registry")


def test_what_is_read_of_a_registry_is_what_was_sent_to_it():
    world = make_world("children", 600, seed=1)
    sent = observe(world.records, PROFILE, "settled 1")
    with settled.linked_registry(world.records, PROFILE, 1) as registry:
        read = settled.read_view(registry, world.records)
        registry.purge(review_days=0)
        after = settled.read_view(registry, world.records)
    assert read.words.shape == sent.words.shape
    assert read.shares(np.arange(600)).tolist() == sent.shares(np.arange(600)).tolist()
    assert sorted(map(bytes, read.words.reshape(-1, read.words.shape[-1]))) == sorted(
        map(bytes, sent.words.reshape(-1, sent.words.shape[-1]))
    )
    assert sent.shares(np.arange(600)).sum() > after.shares(np.arange(600)).sum()


def test_the_attack_names_children_before_a_purge_and_nearly_none_after():
    found = settled.figures(PROFILE, children=600, seeds=(1,))
    before, known, *after = (row["re_identified"] for row in found["rows"])
    assert found["works"]
    assert before > 0.02
    assert known > 0.02
    assert max(after) < 0.01
    rates = [row["share_rate"] for row in found["rows"]]
    assert min(rates[:2]) > 0.05 > max(rates[2:4]) >= max(rates[4:])
    assert 0 < found["purged_at_once"] <= found["purged_codes"]


def test_a_registry_that_purges_nothing_fails(monkeypatch: pytest.MonkeyPatch):
    from linkage.linkage_unit import shared_keys

    monkeypatch.setattr(shared_keys, "losers", lambda group, *_: np.zeros(len(group), np.bool_))
    found = settled.figures(PROFILE, children=600, seeds=(1,))
    assert found["works"]
    assert found["failed"]


def test_a_purge_costs_later_records_little_and_nothing_if_all_is_sent_again():
    whole = synthetic(150, level="middle", seed=3)
    # Four reporters show the same as eight, and each sends three files.
    chosen = sorted(whole.reporters, key=lambda name: len(whole.reporters[name]))[-4:]
    dataset = replace(
        whole,
        reporters={name: whole.reporters[name] for name in chosen},
        truth=whole.truth[whole.truth["reporter"].isin(chosen)],
    )
    found = cost_of_purging(dataset, profile="case-registry", seed=3)
    assert list(found["variants"]) == list(VARIANTS)
    never, purged, again = found["variants"].values()
    assert found["share_rate"] > found["share_rate_at_rest"] == 0
    assert 0 < found["purged_codes"] < 0.05
    assert again == never
    # What a purge puts in place of codes is drawn anew each time: F1 falls by .006 to .011 here.
    assert 0 < never["f1"] - purged["f1"] < 0.02
