"""Classic encodings for research: Bloom filters of whole records (CLKs), their similarities, and files of others.

    from pseudonym.classic import ClkEncoder, Feature, clk, dice

    a = clk({"given_names": "rut", "family_names": "lindqvist"}, "secret", length=1024, hashes=30)
    b = clk({"given_names": "ruth", "family_names": "lindquist"}, "secret", length=1024, hashes=30)
    dice(a, b)

    encoder = ClkEncoder(["given_names", Feature("birth_date", q=1, positional=True, bits=200)], "secret", length=512)
    filters = encoder.encode_all(records)  # a list of bitarrays; `dice_matrix(filters)` compares all with all

Nothing here belongs into a submission: records so encoded can all be compared with each other, and that graph of
similarities identifies persons [Vidanage2020]. It exists so that other encodings can be measured beside this library's.

Filters are bitarrays, from the package of that name, which the extra `classic` installs.
"""

from __future__ import annotations

from pseudonym.classic.bits import Filters, bit_matrix, filters_of, fold_xor
from pseudonym.classic.encoder import ClkEncoder, Feature, balance, clk
from pseudonym.classic.json_files import (
    read_blocks,
    read_clks,
    read_groups,
    read_similarities,
    write_clks,
    write_groups,
    write_similarities,
)
from pseudonym.classic.records import FEATURES, encode_records, plain_fields
from pseudonym.classic.rules import ClassicError
from pseudonym.classic.similarity import bit_weights, dice, dice_matrix, jaccard, jaccard_matrix
from pseudonym.classic.tokens import qgrams

__all__ = [
    "FEATURES",
    "ClassicError",
    "ClkEncoder",
    "Feature",
    "Filters",
    "balance",
    "bit_matrix",
    "bit_weights",
    "clk",
    "dice",
    "dice_matrix",
    "encode_records",
    "filters_of",
    "fold_xor",
    "jaccard",
    "jaccard_matrix",
    "plain_fields",
    "qgrams",
    "read_blocks",
    "read_clks",
    "read_groups",
    "read_similarities",
    "write_clks",
    "write_groups",
    "write_similarities",
]
