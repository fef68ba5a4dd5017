"""What functions keep of a person is bounded, and one call forgets all of it."""

import re
import sys
from datetime import date
from functools import _lru_cache_wrapper
from pathlib import Path

from pseudonym import memory
from pseudonym.encode import Encoder, Record
from pseudonym.identity.identities import read_identities
from pseudonym.keyed import LinkageKey
from pseudonym.memory import Readings, forget

SRC = Path(memory.__file__).parent
KEY = LinkageKey._from_secret(bytes(range(32)), project="test", epoch=1)
RECORD = Record(
    "r-1",
    number="19811218-9876",
    given_names="\u00c5sa Maria",
    family_names="Berg",
    birth_date="1981-12-18",
    report_date="2026-03-31",
)


def keeping():
    """Return all functions of the package that keep what they gave; other tests may have loaded a second copy of it."""
    loaded = [module for name, module in sys.modules.items() if name.startswith("pseudonym.")]
    found = {id(one): one for module in loaded for one in vars(module).values() if isinstance(one, _lru_cache_wrapper)}
    return list(found.values())


def readings():
    """Return all readings of texts that are kept for the whole process."""
    return [one for one in memory._KEEPING if isinstance(one, Readings)]


def kept_values():
    return sum(one.cache_info().currsize for one in keeping()) + sum(map(len, readings()))


def test_one_call_forgets_all_that_was_kept():
    list(Encoder(KEY, reporter="police").batches([RECORD]))
    assert kept_values() > 10
    forget()
    assert kept_values() == 0


def test_what_is_kept_is_bounded():
    assert len(keeping()) >= 8
    assert all(one.cache_info().maxsize for one in keeping())
    assert len(readings()) >= 5
    assert all(one._entries <= 1 << 16 for one in readings())


def test_readings_are_made_once_and_shown_to_nobody():
    made = []
    read = Readings(lambda text: made.append(text) or text.upper(), entries=2)
    assert [read["a"], read["b"], read["a"]] == ["A", "B", "A"]
    assert made == ["a", "b"]
    assert repr(read) == "<Readings>"
    assert read["c"] == "C"
    assert len(read) == 1, "when it is full, it begins anew"
    assert [read["x" * 65], read["x" * 65]] == ["X" * 65] * 2
    assert len(read) == 1, "long texts are not kept"
    read.cache_clear()
    assert not read


def test_nothing_is_kept_but_where_it_is_forgotten():
    keeps = re.compile(r"lru_cache|functools\.cache\b")
    users = {path.name for path in SRC.rglob("*.py") if keeps.search(path.read_text(encoding="utf-8"))}
    assert users == {"memory.py"}


def test_long_texts_of_dates_are_not_kept():
    def kept_of(text: str, places: int) -> int:
        forget()
        for place in range(places):
            record = Record("r-1", birth_date=text + str(place), report_date=text + str(place))
            read_identities(record, row=1, reference_date=date(2026, 1, 1), reporter="police")
        return kept_values()

    # Of all other fields, which are empty, as much as of a single record.
    assert kept_of("x" * 1000, 20) == kept_of("x" * 1000, 1)
    assert kept_of("x", 20) > kept_of("x", 1)
