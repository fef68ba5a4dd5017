"""The rules of this package, each with its sentence and what to do."""

from __future__ import annotations

from typing import Final

from pseudonym.errors import ClassicError
from pseudonym.extras import how_to_install

__all__ = ["RULES", "ClassicError", "classic_error"]

RULES: Final[dict[str, str]] = {
    "classic.extra": "The package bitarray is not installed.",
    "classic.secret": "The secret must be text or bytes, and not empty.",
    "classic.features": "An encoder has 1 to 63 features, each with a name of its own.",
    "classic.feature": "A setting of a feature is out of range.",
    "classic.length": "The length of a filter is a number of bits from 8 to 1048576, before folding too.",
    "classic.hashes": "The number of hashes is an integer from 1 to 1000.",
    "classic.hashing": "There is no such hashing.",
    "classic.power_of_two": "The hashing blake needs a power of two from 8 to 65536 as the length before folding.",
    "classic.folds": "A filter can be folded only if each fold halves an even number of bits.",
    "classic.field": "The values have a field that is no feature of the encoder.",
    "classic.value": "A value must be text or None.",
    "classic.bits": "Filters must be bitarrays, or an array of zeros and ones with one row per record.",
    "classic.lengths": "The filters do not have the same length.",
    "classic.weights": "The weights must be one number per bit, none of them negative.",
    "classic.unreadable": "The file cannot be read.",
    "classic.too_large": "The file is larger than 1 GiB.",
    "classic.json": "The file is not a JSON document, or contains a member twice.",
    "classic.no_clks": "The file has none of the members clks, encodings and clknblocks, with a list.",
    "classic.base64": "An encoding is not text in Base64.",
    "classic.blocks": "The blocks of an encoding are not a list of texts, or belong to no encoding of the file.",
    "classic.similarities": "The file has no similarity scores: no member similarity_scores, with a list.",
    "classic.similarity": "An entry is not [[dataset, row], [dataset, row], score] with a score from 0 to 1.",
    "classic.groups": "The file has no groups: no member groups, with a list.",
    "classic.group": "A group is not a list of [dataset, row], or a record stands in two groups.",
    "classic.columns": "The table does not have the columns that reading such a file gives.",
}

_HINTS: Final = {
    "classic.extra": how_to_install("classic"),
    "classic.feature": "q is 1 to 16, padding one character or none, hashes 1 to 1000, bits 1 to 100000; only one "
    "of the last two may be given.",
    "classic.hashing": "The hashings are double, double-nonsingular, blake and random.",
    "classic.power_of_two": "The hashing random takes any length.",
    "classic.field": "Name every field as the feature that reads it; leave out the others.",
    "classic.value": "Write numbers and dates as text first, in one form for all records.",
    "classic.unreadable": "Check that the path is right and that you may read the file.",
    "classic.no_clks": 'clkhash and anonlink-client write such files: {"clks": ["..."]}.',
    "classic.similarities": "anonlink writes them as the result of the type similarity_scores.",
    "classic.groups": "anonlink writes them as the result of the type groups.",
}


def classic_error(rule: str, *, field: str | None = None) -> ClassicError:
    """Return the error for a broken rule, with its constant message and hint.

    Args:
        rule: The rule.
        field: The setting or the member of a file that is wrong, or None.

    Sees: neither
    """
    return ClassicError(rule, RULES[rule], hint=_HINTS.get(rule), field=field)
