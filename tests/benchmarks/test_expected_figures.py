"""What a registry expects of its links is near the truth, on case files whose truth is known."""

from __future__ import annotations

import pytest

from benchmarks.quality.datasets import synthetic
from benchmarks.quality.run import run
from linkage.pipeline import Registry


@pytest.mark.slow
def test_expected_precision_and_recall_are_near_the_true_ones(tmp_path):
    outcome = run(synthetic(1_000, level="high", seed=5), profile="case-registry", seed=5, keep=tmp_path)
    with Registry.open(tmp_path / "registry.duckdb") as registry:
        status = registry.status()
    true = outcome.default
    assert status.expected_precision == pytest.approx(true["precision"], abs=0.01)
    # A thousand persons leave it to chance by some hundredths; without those never compared it would be off by more.
    assert not status.recall_is_bound
    assert status.expected_recall == pytest.approx(true["recall"], abs=0.035)
    assert outcome.candidate_recall is not None
    assert true["recall"] / outcome.candidate_recall > true["recall"] + 0.035
