"""Set up a registry, receive the submissions of two reporters, link, and read the persons as an Arrow table.

Run it with `python examples/02_link_records.py`. It works in a temporary folder and leaves nothing behind. It
needs the extra `registry`: `python -m pip install ".[registry]"` in the folder of the library.
"""

import tempfile
from pathlib import Path

from linkage import Registry
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey

# Numbers from the range reserved for tests; they belong to nobody.
POLICE = [
    Record("pol-1", number="20110713-9980", given_names="Åsa Maria", family_names="Lindqvist", birth_date="2011-07-13"),
    Record("pol-2", given_names="Mohamed", family_names="Abdi Warsame", birth_date="1989-03-04"),
]
SCHOOL = [
    # The same girl, without a number and in another spelling, and her brother.
    Record("sch-1", given_names="Åsa", family_names="Lindkvist", birth_date="2011-07-13"),
    Record("sch-2", given_names="Erik", family_names="Lindkvist", birth_date="2013-05-30"),
]


def submissions(folder: Path) -> list[Path]:
    key = LinkageKey.generate(project="example", epoch=1)
    paths = []
    for reporter, records in (("police", POLICE), ("school", SCHOOL)):
        paths.append(folder / f"{reporter}.parquet")
        Encoder(key, reporter=reporter).write(paths[-1], records, period="2026-03")
    return paths


def link(folder: Path, files: list[Path]) -> None:
    with Registry.create(folder / "national") as registry:
        for file in files:
            registry.receive(file)
        report = registry.link()
        persons = registry.persons()
        summary = registry.summary()

    print(f"{report.records} records are {report.persons} persons; {report.review} pairs are left for review.")
    for row in persons.to_pylist():
        print(f"  {row['reporter']:8} {row['record_id']:8} {row['person_id']}")
    print(f"Known to police and school: {summary.overlap_between('police', 'school')}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        link(Path(name), submissions(Path(name)))
