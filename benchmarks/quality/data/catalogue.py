"""The data sets that `python -m benchmarks.quality` knows by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.quality.data.datasets import (
    Dataset,
    essnet,
    fake_1000,
    febrl,
    febrl4,
    few_shared,
    foreigners,
    one_twin_each,
    rldata500,
    synthetic,
)

if TYPE_CHECKING:
    from benchmarks.population import ErrorLevel

__all__ = ["CATALOGUE", "FEW", "Entry", "Request", "load"]

FEW: Final = 0.02
"""Share of persons known to several reporters, in data sets with hardly any overlap."""


@dataclass(frozen=True)
class Request:
    """Settings of a data set.

    Attributes:
        seed: Seed of synthetic data and of samples.
        persons: Number of persons that synthetic reporters meet.
        data: Folder of the files that are not part of this project.
    """

    seed: int
    persons: int
    data: Path | None


@dataclass(frozen=True)
class Entry:
    """One data set.

    Attributes:
        make: Function that makes the data set.
        needs_data: Whether it is read from the folder of files that are not part of this project.
        large: Whether it has tens of thousands of records.
    """

    make: Callable[[Request], Dataset]
    needs_data: bool = False
    large: bool = False


def _folder(request: Request) -> Path:
    if request.data is None:
        raise ValueError("this data set needs a data folder")
    return request.data


def _synthetic(request: Request, level: ErrorLevel, kind: str = "cases", times: int = 1) -> Dataset:
    return synthetic(times * request.persons, level=level, seed=request.seed, kind=kind)


def _few(request: Request, *, share: float, of: Callable[[Request], Dataset]) -> Dataset:
    return few_shared(of(request), share, seed=request.seed)


def _overlaps(name: str, entry: Entry) -> dict[str, Entry]:
    return {
        f"{name}-overlap-{round(100 * share)}": Entry(
            partial(_few, share=share, of=entry.make), entry.needs_data, entry.large
        )
        for share in (FEW, 0.0)
    }


_MIDDLE: Final = Entry(partial(_synthetic, level="middle"))
_FEBRL4: Final = Entry(lambda _: febrl4(number=False))
_ESSNET: Final = Entry(lambda request: essnet(_folder(request)), needs_data=True, large=True)

CATALOGUE: Final[dict[str, Entry]] = {
    "febrl1": Entry(lambda _: febrl(1)),
    "febrl2": Entry(lambda _: febrl(2)),
    "febrl3": Entry(lambda _: febrl(3)),
    "febrl4": _FEBRL4,
    "febrl4-number": Entry(lambda _: febrl4(number=True)),
    "rldata500": Entry(lambda request: rldata500(_folder(request)), needs_data=True),
    "fake1000": Entry(lambda request: fake_1000(_folder(request)), needs_data=True),
    "essnet": _ESSNET,
    "essnet-sex": Entry(lambda request: essnet(_folder(request), sex=True), needs_data=True, large=True),
    "foreigners": Entry(lambda request: foreigners(_folder(request)), needs_data=True, large=True),
    "synthetic-low": Entry(partial(_synthetic, level="low")),
    "synthetic-middle": _MIDDLE,
    "synthetic-high": Entry(partial(_synthetic, level="high")),
    "follow_up": Entry(partial(_synthetic, level="middle", kind="follow_up")),
    # About one person in six is one of twins whom both reporters know, so 1,000 persons give 500 pairs.
    "twins": Entry(partial(_synthetic, level="middle", kind="twins", times=3)),
    "twins_apart": Entry(lambda request: one_twin_each(_synthetic(request, "middle", kind="twins", times=3))),
    **_overlaps("febrl4", _FEBRL4),
    **_overlaps("essnet", _ESSNET),
    **_overlaps("synthetic-middle", _MIDDLE),
}
"""In display order."""


def load(name: str, *, seed: int, persons: int = 3000, data: Path | None = None) -> Dataset:
    """Make a data set by its name.

    Args:
        name: A key of `CATALOGUE`.
        seed: See `Request`.
        persons: See `Request`.
        data: See `Request`.

    Raises:
        ValueError: The data set is read from a folder, and none was given.
        FileNotFoundError: A file is missing from the folder.
    """
    return CATALOGUE[name].make(Request(seed, persons, data))
