"""Pools of names by origin, and the spellings of each name.

Lists come from Faker (MIT licence) where it has a locale in Latin or Cyrillic letters, and otherwise from `curated`.
The spellings of a name are adjacent in a vocabulary, so another spelling is found by adding a step.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import spelling
from benchmarks.population.curated import CURATED
from benchmarks.population.romanise import romanise

__all__ = [
    "ORIGINS",
    "Builder",
    "Names",
    "Origin",
    "Pool",
    "Vocabulary",
    "draw",
    "heard",
    "load_names",
    "load_pool",
]


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a household, which decides its names.

    Attributes:
        code: Name of the origin.
        locales: Locales of Faker, or none for a curated list.
        tradition: How a child gets its family name: `shared` (the parents' name), `gendered` (the same with an ending
            by sex), `father` (the father's given name), `two` (one name from each parent).
        language: Language of Cyrillic lists, otherwise None.
        given: Probabilities of one, two and three given names.
    """

    code: str
    locales: tuple[str, ...] = ()
    tradition: str = "shared"
    language: str | None = None
    given: tuple[float, float, float] = (0.7, 0.3, 0.0)


ORIGINS: Final = (
    # 2.1 given names per person at SCB in 2020 (10.90 + 10.72 million names, 10.4 million people).
    Origin("swedish", ("sv_SE",), given=(0.2, 0.5, 0.3)),
    Origin("arabic"),
    Origin("somali", tradition="father", given=(1.0, 0.0, 0.0)),
    Origin("afghan"),
    Origin("eritrean", tradition="father", given=(1.0, 0.0, 0.0)),
    Origin("kurdish"),
    Origin("turkish", ("tr_TR",)),
    Origin("ukrainian", ("uk_UA",), "gendered", "ukrainian", (1.0, 0.0, 0.0)),
    Origin("romanian", ("ro_RO",), given=(0.4, 0.6, 0.0)),
    Origin("bulgarian", ("bg_BG",), "gendered", "bulgarian", (1.0, 0.0, 0.0)),
    Origin("russian", ("ru_RU",), "gendered", "russian", (1.0, 0.0, 0.0)),
    Origin("nigerian", ("yo_NG", "ig_NG", "ha_NG", "en_NG"), given=(0.2, 0.6, 0.2)),
    Origin("vietnamese", ("vi_VN",), given=(0.1, 0.8, 0.1)),
    Origin("thai", ("en_TH",), given=(1.0, 0.0, 0.0)),
    Origin("latin_american", ("es_CO",), "two", given=(0.4, 0.6, 0.0)),
    Origin("maghreb", ("fr_DZ",)),
    Origin("finnish", ("fi_FI",), given=(0.1, 0.6, 0.3)),
)

# Spellings that sound alike in Swedish, both common in the register (SCB 2020), such as Karlsson 166,115 and Carlsson
# 29,774; then those that are confused when a foreign name is heard.
_HEARD: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("^K(?=[aour])", "C"), ("^C(?=[aour])", "K"), ("^Ch(?=r)", "K"), ("^K(?=r)", "Ch"), ("qv", "kv"), ("kv", "qv"),
        ("^W", "V"), ("^V(?=i)", "W"), ("fv|v(?=ss)", "f"), ("f(?=ss)", "v"), ("ss", "s"),
        ("(?<=[aeiou])s(?=on)", "ss"), ("th", "t"), ("^Th", "T"), ("ph", "f"), ("^Ph", "F"), ("é", "e"), ("ck", "k"),
        ("(?<=[aeiou])k(?=[aeiou])", "ck"), ("ei", "ej"), ("z", "s"), ("^Z", "S"), ("sh", "sch"), ("y", "i"),
        ("(.)\\1", "\\1"),
    )
)  # fmt: skip
_MAX_SPELLINGS: Final = 5
# Popularity in a list without counts: rank to this power, roughly as for first names.
_ZIPF: Final = -0.7


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """All spellings of all names; the spellings of a name are adjacent.

    Attributes:
        text: (v,) object, the spellings.
        register: (v,) object, the same in the letters of the Swedish register.
        start: (v,) int64, for each spelling the index of the first spelling of its name.
        size: (v,) int64, for each spelling the number of spellings of its name.
    """

    text: NDArray[np.object_]
    register: NDArray[np.object_]
    start: NDArray[np.int64]
    size: NDArray[np.int64]

    def other(self, spelling: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw another spelling of the same name, or the same if there is no other; -1 stays -1."""
        start, size = self.start[spelling], self.size[spelling]
        step = 1 + (rng.random(spelling.shape) * np.maximum(size - 1, 1)).astype(np.int64)
        return np.where((spelling < 0) | (size < 2), spelling, start + (spelling - start + step) % size)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The names of one origin, as indexes in the vocabulary, with their probabilities.

    Attributes:
        given: For women and for men, the first spellings of the given names.
        given_p: For women and for men, the probabilities of these names.
        family: (k, 2) int64, family names in the form for a woman and for a man; empty where the father's given name
            is used.
        family_p: (k,) float64, their probabilities.
    """

    given: tuple[NDArray[np.int64], NDArray[np.int64]]
    given_p: tuple[NDArray[np.float64], NDArray[np.float64]]
    family: NDArray[np.int64]
    family_p: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The vocabulary, and the pools in the order of `ORIGINS`."""

    vocabulary: Vocabulary
    pools: tuple[Pool, ...]


class Builder:
    """Collects names and their spellings while the pools are read."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.start: list[int] = []
        self.size: list[int] = []

    def add(self, spellings: Iterable[str]) -> int:
        """Add a name and return the index of its first spelling."""
        known = list(dict.fromkeys(spellings))[:_MAX_SPELLINGS]
        index = len(self.text)
        self.text += known
        self.start += [index] * len(known)
        self.size += [len(known)] * len(known)
        return index

    def vocabulary(self) -> Vocabulary:
        """Return the vocabulary of all names added."""
        text = np.array(self.text, dtype=object)
        register = np.array([spelling.register_letters(name) for name in self.text], dtype=object)
        return Vocabulary(text, register, np.array(self.start), np.array(self.size))


def draw(p: NDArray[np.float64], shape: int | tuple[int, ...], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw indexes by weight; faster than `Generator.choice` for long lists."""
    edges = np.cumsum(p)
    return np.minimum(np.searchsorted(edges / edges[-1], rng.random(shape), side="right"), len(p) - 1)


def heard(name: str) -> list[str]:
    """List a name and the spellings it may be heard as, one per rule, the name itself first."""
    spellings = [name]
    for pattern, replacement in _HEARD:
        other = pattern.sub(replacement, name)
        if other not in spellings:
            spellings.append(other)
    return spellings


@functools.cache
def load_names() -> Names:
    """Read all pools once; equal for the same version of Faker."""
    builder = Builder()
    pools = tuple(load_pool(origin, builder) for origin in ORIGINS)
    return Names(builder.vocabulary(), pools)


def load_pool(origin: Origin, builder: Builder) -> Pool:
    """Add the names of one origin to a vocabulary, from Faker or the curated lists."""
    lists = [_curated(origin.code)] if origin.code in CURATED else [_faker(locale) for locale in origin.locales]
    given: list[NDArray[np.int64]] = []
    given_p: list[NDArray[np.float64]] = []
    for names in ("women", "men"):
        entries, weights = _merge([one[names] for one in lists])
        given.append(np.array([builder.add(_spellings(entry, origin.language)) for entry in entries], dtype=np.int64))
        given_p.append(weights)
    entries, family_p = _merge([one["families"] for one in lists])
    family = [_family(entry, origin, builder) for entry in entries]
    return Pool(
        (given[0], given[1]), (given_p[0], given_p[1]), np.array(family, dtype=np.int64).reshape(-1, 2), family_p
    )


def _spellings(entry: Sequence[str], language: str | None) -> list[str]:
    """List the spellings of a name: listed ones, romanised ones, or those it may be heard as."""
    if language is not None:
        return list(romanise(entry[0], language))
    return list(entry) if len(entry) > 1 else heard(entry[0])


def _family(entry: Sequence[str], origin: Origin, builder: Builder) -> tuple[int, int]:
    """Add a family name, with its form for women if the language has one."""
    man = builder.add(_spellings(entry, origin.language))
    if origin.tradition != "gendered":
        return man, man
    woman = _feminine(entry[0])
    return (man if woman == entry[0] else builder.add(_spellings([woman], origin.language))), man


def _feminine(name: str) -> str:
    """Return a Slavic family name with the ending for women."""
    if re.search("(ськ|цьк|ск|цк)(ий|и|ой)$", name):
        return re.sub("(ий|и|ой)$", "ая" if name.endswith(("ский", "цкий", "ской")) else "а", name)
    return name + "а" if re.search("(ов|ев|ёв|ин|ін|їв)$", name) else name


def _curated(code: str) -> dict[str, tuple[list[Sequence[str]], NDArray[np.float64]]]:
    men, women, families = CURATED[code]
    return {
        "women": (list(women), _by_rank(len(women))),
        "men": (list(men), _by_rank(len(men))),
        "families": (list(families), _by_rank(len(families))),
    }


def _by_rank(n: int) -> NDArray[np.float64]:
    return np.arange(1, n + 1, dtype=np.float64) ** _ZIPF


def _faker(locale: str) -> dict[str, tuple[list[Sequence[str]], NDArray[np.float64]]]:
    """Read the lists of one locale of Faker; Thai names are not separated by sex there."""
    lists = vars(import_module(f"faker.providers.person.{locale}").Provider)
    men = lists.get("last_names_male") or lists["last_names"]
    return {
        "women": _entries(lists.get("first_names_female") or lists["first_names"]),
        "men": _entries(lists.get("first_names_male") or lists["first_names"]),
        "families": _entries(men),
    }


def _entries(names: Mapping[str, float] | Sequence[str]) -> tuple[list[Sequence[str]], NDArray[np.float64]]:
    """Read a list of names with counts, or with shuffled ranks if it is alphabetical without counts."""
    distinct = list(dict.fromkeys(names))
    if isinstance(names, Mapping):
        return [(name,) for name in distinct], np.array([float(names[name]) for name in distinct])
    ranks = np.random.default_rng(len(distinct)).permutation(len(distinct))
    return [(name,) for name in distinct], _by_rank(len(distinct))[ranks]


def _merge(
    lists: Sequence[tuple[list[Sequence[str]], NDArray[np.float64]]],
) -> tuple[list[Sequence[str]], NDArray[np.float64]]:
    """Concatenate lists, each with the same total probability."""
    entries = [entry for names, _ in lists for entry in names]
    weights = np.concatenate([w / w.sum() if w.size else w for _, w in lists])
    return entries, weights / weights.sum() if weights.size else weights
