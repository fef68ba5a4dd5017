"""What the codes of a submission show without the linkage key: records that are in it many times."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.privacy import CROWD, CROWDED_CODES, MAX_OF_REPORTER

__all__ = ["COPIES", "FLOODED", "warnings_about_codes"]

COPIES: Final = (
    "Many codes have match keys that more than 20 records of the file share: records were sent many times under "
    "different ids, or many have the same placeholder. Ask the reporter to check the file with pseudonym check."
)

FLOODED: Final = (
    "A match key is in more than 500 records of the file; linking leaves such keys out for this reporter. Ask the "
    "reporter to check the file with pseudonym check."
)


def warnings_about_codes(groups: NDArray[np.int64]) -> tuple[str, ...]:
    """Return constant sentences about the codes of a submission.

    Args:
        groups: The number of its codes that have each match key.
    """
    crowded = int(groups[groups > CROWD].sum())
    found = ((COPIES, crowded > CROWDED_CODES * int(groups.sum())), (FLOODED, groups.max(initial=0) > MAX_OF_REPORTER))
    return tuple(sentence for sentence, holds in found if holds)
