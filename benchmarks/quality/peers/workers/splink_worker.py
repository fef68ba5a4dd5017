"""Link with Splink as in its tutorial and its examples for FEBRL 3 and 4; runs in its own environment.

From these: the comparisons, the deterministic rules with a guess of their recall, two sessions of EM, and the advice to
block by many strict rules. Term frequencies adjust exact matches of names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import splink.comparison_library as cl
from common import NUMBERS, Job, within
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

LEAST = 1e-6
"""Lowest probability of a pair in the output."""

LINK_FROM = 0.5
"""Lowest probability of a link."""

RECALL = 0.8
"""Recall of the deterministic rules, as guessed in the example for FEBRL 4."""

PAIRS = 2e6
"""Number of random pairs to estimate u, as in the tutorial."""

DATE, GIVEN, FAMILY = "birth_date", "given_names", "family_names"
YEAR, MONTH, DAY = "substr(birth_date, 1, 4)", "substr(birth_date, 1, 7)", "substr(birth_date, 6, 5)"
SWAPPED = f"l.{GIVEN} = r.{FAMILY} and l.{FAMILY} = r.{GIVEN}"


def comparisons(fields: list[str]) -> list[Any]:
    """Return a comparison for each field that the data set has."""
    known: dict[str, Callable[[], Any]] = {
        GIVEN: lambda: cl.NameComparison(GIVEN).configure(term_frequency_adjustments=True),
        FAMILY: lambda: cl.NameComparison(FAMILY).configure(term_frequency_adjustments=True),
        DATE: lambda: cl.DateOfBirthComparison(DATE, input_is_string=True, invalid_dates_as_null=True),
        "sex": lambda: cl.ExactMatch("sex"),
        **{name: partial(cl.DamerauLevenshteinAtThresholds, name, [1, 2]) for name in NUMBERS},
    }
    return [make() for name, make in known.items() if name in fields]


def blocking_rules(fields: list[str]) -> list[Any]:
    """Return many strict rules: any two of name, name and date, in whole or in part, and each number."""
    rules = [
        block_on(GIVEN, FAMILY),
        SWAPPED,
        block_on(DATE),
        block_on(YEAR, GIVEN),
        block_on(YEAR, FAMILY),
        block_on(f"substr({GIVEN}, 1, 3)", f"substr({FAMILY}, 1, 3)"),
        *(block_on(part, f"substr({name}, 1, 2)") for part in (MONTH, DAY) for name in (GIVEN, FAMILY)),
    ]
    return rules + [block_on(name) for name in NUMBERS if name in fields]


def deterministic_rules(fields: list[str]) -> list[Any]:
    """Return rules that hardly any pair of different persons satisfies."""
    rules = [block_on(name) for name in NUMBERS if name in fields]
    return [*rules, block_on(GIVEN, DATE), block_on(FAMILY, DATE), f"{SWAPPED} and l.{DATE} = r.{DATE}"]


def train(linker: Linker, fields: list[str], *, seed: int) -> None:
    """Estimate the prior, u from random pairs and m by EM, in the order of the tutorial."""
    settings = linker._settings_obj
    default = settings._probability_two_random_records_match
    linker.training.estimate_probability_two_random_records_match(deterministic_rules(fields), recall=RECALL)
    if not settings._probability_two_random_records_match:
        # No pair satisfies any rule; with a prior of zero nothing could be estimated.
        settings._probability_two_random_records_match = default
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=seed)
    for rule in (block_on(GIVEN, FAMILY), block_on(DATE)):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)


def linker_of(job: Job) -> Linker:
    """Make the linker: one frame per reporter, to be linked and searched for duplicates."""
    api = DuckDBAPI()
    records, reporters = job.records, job.reporters
    frames = [
        api.register(
            records.filter(pc.equal(records["reporter"], reporter)).drop(["reporter"]), dataset_display_name=reporter
        )
        for reporter in reporters
    ]
    settings = SettingsCreator(
        link_type="link_and_dedupe" if len(reporters) > 1 else "dedupe_only",
        unique_id_column_name="row",
        comparisons=comparisons(job.fields),
        blocking_rules_to_generate_predictions=blocking_rules(job.fields),
        retain_matching_columns=False,
    )
    linker = Linker(frames if len(reporters) > 1 else frames[0], settings, log_level=None)
    pairs = job.pairs()
    if pairs is not None:
        linker.table_management.register_blocked_pairs_for_predict(api.register(blocked(records, pairs)))
    return linker


def blocked(records: pa.Table, pairs: pa.Table) -> pa.Table:
    """Name pairs of rows as Splink does: the row, preceded by the reporter if there are several."""
    keys = records["row"]
    if pc.count_distinct(records["reporter"]).as_py() > 1:
        keys = pc.binary_join_element_wise(records["reporter"], keys.cast(pa.string()), "-__-")
    columns = {f"join_key_{side}": keys.take(pairs[column]) for side, column in (("l", "a"), ("r", "b"))}
    return pa.table({"match_key": pa.array(["0"] * len(pairs), pa.string()), **columns})


def link(job: Job) -> None:
    """Train, predict, and find single best links if there are several reporters."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    with job.working():
        linker = linker_of(job)
        train(linker, job.fields, seed=job.request["seed"])
        scored = linker.inference.predict(warning_mode="never")
        pairs = _pairs(scored)
    likely = pairs.filter(pc.greater_equal(pairs["probability"], LEAST))
    job.candidates(pairs.select(["a", "b"]))
    job.answer("pairs", likely.append_column("linked", pc.greater_equal(likely["probability"], LINK_FROM)))
    if len(job.reporters) > 1:
        with job.working():
            least, default = (
                _single_best(linker, scored, job.reporters, threshold) for threshold in (LEAST, LINK_FROM)
            )
        job.answer("single-best", single_best(least, default, likely))
    job.report(("splink", "duckdb", "sqlglot"))


def _pairs(scored: Any) -> pa.Table:
    """Return the scored pairs, the smaller row first."""
    query = "SELECT least(row_l, row_r) a, greatest(row_l, row_r) b, match_probability probability FROM {this}"
    return scored.query_sql(query).as_duckdbpyrelation().to_arrow_table()


def _single_best(linker: Linker, scored: Any, reporters: list[str], threshold: float) -> list[list[int]]:
    """Return the clusters of several records, with at most one record per reporter."""
    clusters = linker.clustering.cluster_using_single_best_links(
        scored, duplicate_free_datasets=reporters, threshold_match_probability=threshold
    )
    query = 'SELECT list("row") AS members FROM {this} GROUP BY cluster_id HAVING count(*) > 1'
    table = clusters.query_sql(query).as_duckdbpyrelation().to_arrow_table()
    members: list[list[int]] = table["members"].to_pylist()
    return members


def single_best(least: list[list[int]], default: list[list[int]], likely: pa.Table) -> pa.Table:
    """Return the clusters at the least and at the default threshold as links.

    A pair that was not compared is as probable as the weakest link of its cluster.
    """
    columns = (likely[name].to_pylist() for name in ("a", "b", "probability"))
    known = {(a, b): probability for a, b, probability in zip(*columns, strict=True)}
    found: dict[tuple[int, int], float] = {}
    for group in [*least, *default]:
        pairs = within([group])
        weakest = min(known[pair] for pair in pairs if pair in known)
        found.update({pair: known.get(pair, weakest) for pair in pairs})
    linked = set(within(default))
    rows = sorted(found)
    return pa.table(
        {
            "a": pa.array([a for a, _ in rows], pa.int64()),
            "b": pa.array([b for _, b in rows], pa.int64()),
            "probability": pa.array([found[pair] for pair in rows], pa.float64()),
            "linked": pa.array([pair in linked for pair in rows], pa.bool_()),
        }
    )
