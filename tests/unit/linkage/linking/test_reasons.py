"""Why pairs are decided as they are, on levels and decisions that a person can check."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.linking.decide import LINK, NO_LINK, REVIEW
from linkage.linking.reasons import OTHER_NAMES, OTHER_PERSON, REASONS, Grounds, number_conflicts, reasons_of
from tests.unit.linkage.linking.twins import field_table

TABLES = (
    field_table("given_names", (8, 0.5), (0.97, 0.02, 0.01), (0.08, 0.12, 0.80)),
    field_table("family_names", (8, 0.5), (0.96, 0.02, 0.02), (0.08, 0.12, 0.80)),
    field_table("birth_year", (0.5,), (0.975, 0.025), (0.04, 0.96)),
    field_table("birth_month", (0.5,), (0.85, 0.10, 0.05), (0.03, 0.96, 0.01)),
    field_table("serial", (1, 0), (0.9, 0.098, 0.002), (0.03, 0.01, 0.96)),
    field_table("sex", (0.5,), (0.5, 0.5), (0.01, 0.99)),
    field_table("swapped", (), (0.99, 0.01), (0.95, 0.05)),
)
ALIKE = {table.field: len(table.edges) for table in TABLES}
"""The level of likeness of each field."""


def conflict(tables=TABLES, **levels):
    """Return the conflict of a pair that is alike but in these levels."""
    row = [(ALIKE | levels)[table.field] for table in tables]
    return int(number_conflicts(np.array([row], np.int8), tables)[0])


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, 0),
        ({"sex": 0}, 0),
        ({"given_names": 0}, 0),
        ({"family_names": 0, "sex": 0}, 0),
        ({"given_names": 0, "sex": 0}, OTHER_PERSON),
        ({"given_names": 0, "family_names": 0, "sex": 0}, OTHER_PERSON),
        ({"given_names": -1, "family_names": 0, "sex": 0}, OTHER_PERSON),
        ({"given_names": -1, "family_names": -1, "sex": 0}, 0),
        ({"given_names": 1, "sex": 0}, 0),
        ({"given_names": 0, "family_names": 0}, OTHER_NAMES),
        ({"given_names": 0, "family_names": 0, "sex": -1}, OTHER_NAMES),
        ({"given_names": -1, "family_names": 0}, 0),
        # Without a shared number nothing of this says whose number it is.
        ({"given_names": 0, "sex": 0, "serial": 1}, 0),
        ({"given_names": 0, "sex": 0, "serial": -1}, 0),
        ({"given_names": 0, "sex": 0, "birth_year": 0}, 0),
        ({"given_names": 0, "sex": 0, "birth_month": 2}, 0),
        ({"given_names": 0, "sex": 0, "birth_month": -1}, OTHER_PERSON),
        # Names that stand in each other's place are compared crosswise.
        ({"given_names": 0, "family_names": 0, "sex": 0, "swapped": 1}, 0),
    ],
)
def test_pairs_that_share_a_number_and_little_else(levels, expected):
    assert conflict(**levels) == expected


def test_without_a_number_or_sex_among_the_fields_there_is_less_to_find():
    assert conflict(TABLES[:4], given_names=0, family_names=0, sex=0) == 0
    assert conflict(TABLES[:5], given_names=0, family_names=0) == OTHER_NAMES
    assert conflict(TABLES[2:6], sex=0) == 0


def column(value, kind):
    return np.array([value], kind)


def why(decision, probability, *, apart=True, roles=False, other_roles=False, number=0, bridge=False, weak=False):
    grounds = Grounds(
        column(apart, bool),
        column(roles, bool),
        column(other_roles, bool),
        column(number, np.int8),
        column(bridge, bool),
        column(weak, bool),
    )
    return REASONS[reasons_of(column(decision, np.int8), column(probability, float), grounds)[0]]


@pytest.mark.parametrize(
    ("decision", "probability", "grounds", "expected"),
    [
        (LINK, 0.9, {"apart": False}, ""),
        (LINK, 0.5, {"apart": False}, ""),
        (LINK, 0.2, {"apart": False}, "other records"),
        (NO_LINK, 0.05, {}, ""),
        (REVIEW, 0.3, {}, "uncertain"),
        (REVIEW, 0.9, {}, "other records disagree"),
        (REVIEW, 0.9, {"other_roles": True}, "roles of other records"),
        (REVIEW, 0.9, {"other_roles": True, "roles": True}, "roles in one case"),
        (REVIEW, 0.3, {"roles": True}, "roles in one case"),
        (REVIEW, 0.3, {"other_roles": True}, "uncertain"),
        (REVIEW, 0.001, {"number": OTHER_NAMES}, "one number, other names"),
        (REVIEW, 0.9, {"number": OTHER_NAMES}, "other records disagree"),
        (REVIEW, 0.9, {"number": OTHER_PERSON}, "number of another person"),
        (REVIEW, 0.001, {"number": OTHER_PERSON, "roles": True}, "roles in one case"),
        (REVIEW, 0.9, {"bridge": True}, "records of one reporter"),
        (REVIEW, 0.9, {"bridge": True, "number": OTHER_NAMES}, "records of one reporter"),
        (REVIEW, 0.9, {"bridge": True, "number": OTHER_PERSON}, "number of another person"),
        (REVIEW, 0.3, {"bridge": True}, "uncertain"),
        (REVIEW, 0.8, {"weak": True}, "too little to go by"),
        (REVIEW, 0.2, {"weak": True, "bridge": True}, "too little to go by"),
        (REVIEW, 0.2, {"weak": True, "roles": True}, "roles in one case"),
        (LINK, 0.9, {"apart": False, "number": OTHER_NAMES}, ""),
        (LINK, 0.2, {"apart": False, "number": OTHER_PERSON}, "number of another person"),
    ],
)
def test_a_reason_for_every_decision(decision, probability, grounds, expected):
    assert why(decision, probability, **grounds) == expected


def test_every_reason_is_explained():
    from linkage.cli.explain_text import REASON_SENTENCES

    assert set(REASON_SENTENCES) == set(REASONS) - {""}
