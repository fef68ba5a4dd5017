"""Text that several commands print: probabilities, and what the model expects of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkage.pipeline import LinkReport, Status

__all__ = ["expectation_lines", "share"]


def share(value: float) -> str:
    """Format a probability or share with four digits, rounded down so that only certainty is shown as 1."""
    if 0 < value < 0.001:
        return f"{value:.1e}"
    return f"{int(value * 10_000) / 10_000:.4f}"


def expectation_lines(found: LinkReport | Status) -> Iterator[str]:
    """Yield the expected precision, recall and number of persons, as far as they could be estimated."""
    if found.expected_precision is not None:
        yield f"Expected precision of the links: {share(found.expected_precision)}"
    if found.expected_recall is not None:
        recall = share(found.expected_recall)
        if found.recall_is_bound:
            yield f"Expected recall: at most {recall} (matches that share no match key could not be estimated)"
        else:
            yield f"Expected recall: {recall} (including an estimate of matches that share no match key)"
    if found.expected_persons is not None and found.persons_range is not None:
        low, high = found.persons_range
        expected = f"Expected persons: {found.expected_persons:.0f}, between {low:.0f} and {high:.0f}"
        yield f"{expected} (allowing for records not recognised)"
