"""The tutorial of clkhash and anonlink: FEBRL 4 without the social security number, greedy from .8."""

from __future__ import annotations

import anonlink
import pyarrow as pa
import pyarrow.compute as pc
from anonlink_worker import LINK_FROM, encode
from common import Job, within

NAMES, CODES = {"type": "ngram", "n": 2}, {"type": "ngram", "n": 1, "positional": True}
COMPARISONS = {
    "given_name": (NAMES, 200),
    "surname": (NAMES, 200),
    "street_number": (CODES, 100),
    "address_1": (NAMES, 100),
    "address_2": (NAMES, 100),
    "suburb": (NAMES, 100),
    "postcode": (CODES, 100),
    "state": (NAMES, 100),
    "date_of_birth": (CODES, 200),
}


def link(job: Job) -> None:
    """Link both files."""
    files = [job.records.filter(pc.equal(job.records["reporter"], reporter)) for reporter in job.reporters]
    encoded = [encode(file, COMPARISONS, seed=job.request["seed"]) for file in files]
    similar = anonlink.candidate_generation.find_candidate_pairs(
        encoded, anonlink.similarities.dice_coefficient, LINK_FROM
    )
    first_row = [file["row"][0].as_py() for file in files]
    groups = anonlink.solving.greedy_solve(similar)
    pairs = within([[first_row[file] + place for file, place in group] for group in groups])
    columns = {side: pa.array([pair[place] for pair in pairs], pa.int64()) for place, side in enumerate("ab")}
    n = len(pairs)
    job.answer("default", pa.table({**columns, "probability": pa.array([1.0] * n), "linked": pa.array([True] * n)}))
    job.report(("anonlink", "clkhash"))
