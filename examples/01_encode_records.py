"""Encode records as codes, and write them as a submission that a registry can receive.

Run it with `python examples/01_encode_records.py`. It works in a temporary folder and leaves nothing behind.
"""

import tempfile
from datetime import date
from pathlib import Path

from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey

# Numbers from the range reserved for tests; they belong to nobody.
RECORDS = [
    Record(
        "pol-000001",
        number="20110713-9980",
        given_names="Åsa Maria",
        family_names="Lindqvist",
        birth_date="2011-07-13",
        sex="kvinna",
        case_id="pol-c-17",
        role="victim",
        report_date="2026-03-02",
    ),
    # A dict is a record too, and a value is what a program has.
    {"record_id": 2, "Förnamn": "Mohamed", "Efternamn": "Abdi Warsame", "birth_date": date(1989, 3, 4), "sex": "man"},
]


def encode(folder: Path) -> None:
    # All reporters of a project share one linkage key; the registry never has it.
    key = LinkageKey.generate(project="example", epoch=1)
    key.save(folder / "linkage.key")

    encoder = Encoder(folder / "linkage.key", reporter="police")
    codes = encoder.encode(RECORDS).table
    print(f"{codes.num_rows} codes of {len(RECORDS)} records, columns {', '.join(codes.column_names)}")

    report = encoder.write(folder / "police.parquet", RECORDS, period="2026-03")
    print(f"Rejected, left out or mended: {len(report.faults)}")
    size = (folder / "police.parquet").stat().st_size
    print(f"police.parquet: {report.header.records} records, {size} bytes, key id {report.header.key_id}")

    # No name is in the file: what leaves the reporter is match keys and padded contents.
    assert b"Lindqvist" not in (folder / "police.parquet").read_bytes()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        encode(Path(name))
