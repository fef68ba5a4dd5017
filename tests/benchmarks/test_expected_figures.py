"""What a registry expects of its links is near the truth, on case files whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.attacks.world.recall import candidate_recall
from benchmarks.quality.data.datasets import synthetic
from benchmarks.quality.figures.pairs import link_figures
from benchmarks.quality.run import REGISTRY, run
from linkage.pipeline import Registry
from pseudonym.profile import load_profile


def test_candidate_recall_is_that_of_the_encodings_themselves(tmp_path):
    whole = synthetic(60, level="middle", seed=5)
    # Each reporter encodes in a process of its own, which takes longer than the encoding: four are enough.
    chosen = sorted(whole.reporters, key=lambda name: len(whole.reporters[name]))[-4:]
    dataset = replace(
        whole,
        reporters={name: whole.reporters[name] for name in chosen},
        truth=whole.truth[whole.truth["reporter"].isin(chosen)],
    )
    found = run(dataset, profile="case-registry", seed=5, keep=tmp_path)
    assert found.candidate_recall is not None
    # Under another linkage key other bands meet.
    assert found.candidate_recall == pytest.approx(candidate_recall(dataset, load_profile("case-registry")), abs=0.03)


@pytest.mark.slow
def test_expected_precision_and_recall_are_near_the_true_ones(tmp_path):
    dataset = synthetic(1_000, level="high", seed=5)
    found = run(dataset, profile="case-registry", seed=5, keep=tmp_path)
    with Registry.open(tmp_path / REGISTRY) as registry:
        status = registry.status()
    true = link_figures(found.links, dataset.truth)
    assert status.expected_precision == pytest.approx(true.precision, abs=0.01)
    # A thousand persons leave it to chance by some hundredths; without those never compared it would be off by more.
    assert not status.recall_is_bound
    assert status.expected_recall == pytest.approx(true.recall, abs=0.035)
    assert found.candidate_recall is not None
    assert true.recall / found.candidate_recall > true.recall + 0.035
