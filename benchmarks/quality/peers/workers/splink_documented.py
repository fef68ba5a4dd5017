"""Splink's own example: the detailed model for FEBRL 4, with all fields."""

from __future__ import annotations

import logging

import pyarrow.compute as pc
import splink.comparison_library as cl
from common import Job
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

LINK_FROM = 0.2
"""Lowest probability in the example."""

RULES = [
    block_on("given_name", "surname"),
    "l.given_name = r.surname and l.surname = r.given_name",
    block_on("date_of_birth"),
    block_on("soc_sec_id"),
    block_on("state", "address_1"),
    block_on("street_number", "address_1"),
    block_on("postcode"),
]

COMPARISONS = [
    cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
    cl.NameComparison("surname").configure(term_frequency_adjustments=True),
    cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
    cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
    cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
    cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
]


def link(job: Job) -> None:
    """Link both files."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        unique_id_column_name="row",
        link_type="link_only",
        blocking_rules_to_generate_predictions=RULES,
        comparisons=COMPARISONS,
    )
    api = DuckDBAPI()
    files = [
        job.records.filter(pc.equal(job.records["reporter"], reporter)).drop(["reporter"]) for reporter in job.reporters
    ]
    linker = Linker([api.register(file) for file in files], settings, log_level=None)
    certain = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=job.request["seed"])
    for field in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(field), estimate_without_term_frequencies=True
        )
    scored = linker.inference.predict(threshold_match_probability=LINK_FROM)
    query = "SELECT row_l AS a, row_r AS b, match_probability AS probability, true AS linked FROM {this}"
    job.answer("default", scored.query_sql(query).as_duckdbpyrelation().to_arrow_table())
    job.report(("splink", "duckdb"))
