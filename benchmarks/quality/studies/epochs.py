"""What a new epoch costs: which persons of the old one are in the new one, if not all records are sent again.

    python -m benchmarks.quality.studies.epochs

prints the table of docs/how-to/keys.md. Linking is not run: a record that is not sent again cannot be linked, however
good linking is, so these shares are lost before it begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Carried", "carried", "main", "table"]

N_PERSONS: Final = 20_000
SEED: Final = 7
SHARES: Final = (0.95, 0.9, 0.75, 0.5)
"""Shares of the records that are sent again."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What becomes of the persons of an old epoch, as shares of them.

    Attributes:
        whole: All their records are sent again.
        part: Some are; what the others told is missing, and a person may seem to be known to fewer reporters.
        gone: None is.
        seen_alone: Of those that several reporters knew: only one of these still sends them.
    """

    whole: float
    part: float
    gone: float
    seen_alone: float


def carried(truth: pd.DataFrame, sent: NDArray[np.bool_]) -> Carried:
    """Count persons by what is sent again of them.

    Args:
        truth: One row for each record, with `person` and `reporter`.
        sent: `(n,) bool`, whether the record is sent again.

    Returns:
        The shares.
    """
    again = truth.assign(sent=sent).groupby("person")["sent"].agg(["all", "any"])
    before = truth.groupby("person")["reporter"].nunique()
    after = truth[sent].groupby("person")["reporter"].nunique().reindex(before.index, fill_value=0)
    several = before > 1
    return Carried(
        whole=float(again["all"].mean()),
        part=float((again["any"] & ~again["all"]).mean()),
        gone=float((~again["any"]).mean()),
        seen_alone=float((after[several] == 1).mean()) if several.any() else 0.0,
    )


def scenarios(truth: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield what is sent again: drawn shares of the records, and everything but what one reporter has.

    Args:
        truth: See `carried`.
    """
    drawn = np.random.default_rng(SEED).random(len(truth))
    for share in SHARES:
        yield f"{share:.0%} of the records, drawn at random".replace("%", " %"), drawn < share
    largest = truth["reporter"].value_counts().index
    for name, reporter in (("largest", largest[0]), ("smallest", largest[-1])):
        yield f"all but those of the {name} reporter", (truth["reporter"] != reporter).to_numpy()


def table(truth: pd.DataFrame) -> str:
    """Return the shares as a table in Markdown."""
    lines = ["| sent again | whole | in part | gone | known to one reporter now |", "|---|---|---|---|---|"]
    for name, sent in scenarios(truth):
        found = carried(truth, sent)
        shares = (found.whole, found.part, found.gone, found.seen_alone)
        lines.append(f"| {name} | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table of a synthetic population."""
    from benchmarks.quality.data.datasets import synthetic

    truth = synthetic(N_PERSONS, level="middle", seed=SEED).truth
    counts = truth.groupby("person").size()
    print(f"{len(counts)} persons, {len(truth)} records, {truth['reporter'].nunique()} reporters")
    print(table(truth))


if __name__ == "__main__":
    main()
