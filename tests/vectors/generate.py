"""Write the test vectors of this folder, or check that the committed ones are what docs/spec.md makes of the cases.

    python -m tests.vectors.generate            writes every file
    python -m tests.vectors.generate --check    writes nothing; exit status 1 and the names of the files that differ
    python -m tests.vectors.generate --only keys.json normalise.json

Nothing of the library is imported: see reading.py and reference.py for the encoding, texts.py and cases.py for what is
encoded, submissions.py, faults.py, withdrawals.py and totals.py for the files, plain_parquet.py for their container.
Output depends on nothing but these and the frozen tables, `src/pseudonym/tables.json`.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from tests.vectors import (
    cases,
    make_codes,
    make_normalise,
    number_texts,
    parts,
    reading,
    reference,
    sealed,
    submissions,
    texts,
    totals,
    withdrawals,
)
from tests.vectors import faults as faulty
from tests.vectors.enrolment import enrolment
from tests.vectors.make_codes import WARNING, codes, shipped, sorted_codes, steps
from tests.vectors.make_normalise import given, normalise

FOLDER: Final = Path(__file__).resolve().parent

CHECKPOINTS: Final = (1, 10, 100, 1000, 10_000)


def _key_vectors() -> list[dict[str, Any]]:
    profile = cases.combined_profile()
    digest = bytes.fromhex(reference.profile_digest(profile))
    out = []
    for name, secret, project, epoch in cases.KEYS:
        subkeys = {
            label: reference.subkey(secret, project, epoch, label, digest).hex() for label in reference.SUBKEYS.values()
        }
        out.append(
            {
                "name": name,
                "text": reference.key_text(secret, project, epoch),
                "project": project,
                "epoch": epoch,
                "secret": secret.hex(),
                "key_id": reference.key_id(secret, project, epoch),
                "subkeys": subkeys,
            }
        )
    return out


def _bad_key_texts() -> list[dict[str, str]]:
    secret, good = cases.KEYS[3][1], reference.key_text(*cases.KEYS[3][1:])
    body, check = good.rsplit(".", 1)
    prefix, project, epoch, secret_text = body.split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    padded_bits = secret_text[:-1] + last[last.index(secret_text[-1]) + 1]
    make, again = reference.key_text, reference.with_check
    wrong_digit = "0" if check[0] != "0" else "1"
    texts = {
        "check_wrong": f"{body}.{wrong_digit}{check[1:]}",
        "check_upper_case": f"{body}.{check.upper()}",
        "check_too_short": good[:-1],
        "check_too_long": good + "0",
        "check_missing": body,
        "secret_lower_case": again(f"{prefix}.{project}.{epoch}.{secret_text.lower()}"),
        "secret_padding_bits_set": again(f"{prefix}.{project}.{epoch}.{padded_bits}"),
        "secret_with_padding_characters": again(f"{prefix}.{project}.{epoch}.{secret_text}===="),
        "secret_of_31_bytes": make(secret[:31], project, epoch),
        "secret_of_33_bytes": make(secret + b"\0", project, epoch),
        "secret_not_base32": again(f"{prefix}.{project}.{epoch}.{'0' + secret_text[1:]}"),
        "secret_in_hexadecimal": again(f"{prefix}.{project}.{epoch}.{secret.hex()}"),
        "secret_empty": make(b"", project, epoch),
        "prefix_lower_case": again(body.replace(prefix, prefix.lower())),
        "prefix_other": again(body.replace("SECRET", "PUBLIC")),
        "prefix_version_2": again(body.replace("KEY-1", "KEY-2")),
        "project_upper_case": make(secret, "Test-project", epoch),
        "project_empty": make(secret, "", epoch),
        "project_of_33_characters": make(secret, "p" * 33, epoch),
        "project_with_underscore": make(secret, "test_project", epoch),
        "project_not_ascii": make(secret, "pr\u00f6v", epoch),
        "project_with_dot": make(secret, "test.project", epoch),
        "epoch_zero": make(secret, project, 0),
        "epoch_leading_zero": make(secret, project, "02"),
        "epoch_too_large": make(secret, project, 1_000_000_000),
        "epoch_negative": make(secret, project, -1),
        "epoch_with_plus": make(secret, project, "+2"),
        "epoch_with_underscore": make(secret, project, "1_0"),
        "epoch_not_ascii": make(secret, project, "\u0662"),
        "epoch_not_a_number": make(secret, project, "two"),
        "epoch_empty": make(secret, project, ""),
        "part_missing": again(f"{prefix}.{project}.{secret_text}"),
        "part_too_many": again(f"{body}.x"),
        "two_keys": f"{good}\n{make(secret, project, 3)}",
        "comment_on_the_line_of_the_key": f"{good} # test key",
        "nothing_but_comments": "# a comment\n\n# another",
        "empty": "",
    }
    return [{"fault": fault, "text": text} for fault, text in texts.items()]


def keys() -> dict[str, Any]:
    good = reference.key_text(*cases.KEYS[0][1:])
    files = {
        "key_alone": good,
        "line_feed": f"{good}\n",
        "carriage_return_and_line_feed": f"# {WARNING}\r\n{good}\r\n",
        "white_space_at_the_ends": f" \t{good} \n",
        "comments_and_blank_lines": f"# {WARNING}\n\n#\n{good}\n\n# end\n",
    }
    return {
        "warning": WARNING,
        "profile": cases.combined_profile(),
        "profile_digest": reference.profile_digest(cases.combined_profile()),
        "keys": _key_vectors(),
        "files": [{"name": name, "text": text, "key_id": _key_vectors()[0]["key_id"]} for name, text in files.items()],
        "bad": _bad_key_texts(),
    }


def _submission(draft: submissions.Draft) -> dict[str, Any]:
    return {
        "profile": draft.profile["name"],
        "header": draft.header_json(),
        "submission_digest": draft.submission_digest(),
        "content_digest": draft.content_digest() if len(draft.groups) != 2 else draft.header["content_digest"],
    }


def submission() -> dict[str, Any]:
    drafts = submissions.valid_drafts()
    valid = drafts["valid"]
    digests = valid.record_digests()
    return {
        "warning": WARNING,
        "key": reference.key_text(*cases.KEYS[0][1:]),
        "reference_date": texts.REFERENCE_DATE.isoformat(),
        "codebook": cases.CODEBOOK,
        "codebook_digest": submissions.codebook_digest(),
        "finer_codebook": cases.FINER_CODEBOOK,
        "finer_codebook_digest": submissions.codebook_digest(cases.FINER_CODEBOOK),
        "profiles": [cases.submission_profile(), cases.submission_profile("test-tiny")],
        "records": [
            {
                "record": given(record),
                "case": {**dict.fromkeys(submissions.CASE_COLUMNS), **case},
                "handle": next(row["record"] for row in valid.rows(0) if row["record_id"] == record.record_id).hex(),
                "digest": digests[record.record_id].hex(),
            }
            for record, case in submissions.CASES
        ],
        "files": {f"{name}.parquet": _submission(draft) for name, draft in drafts.items()},
        "record_ids": [
            {"name": name, "text": text, "accepted": accepted} for name, text, accepted in number_texts.RECORD_IDS
        ],
    }


def faults() -> dict[str, Any]:
    return {
        f"{fault.name}.parquet": {
            "fault": fault.fault,
            "profile": fault.draft.profile["name"],
            "codebook": bool(fault.draft.items),
            **({"finer_codebook": True} if fault.finer else {}),
            "outcome": "refused" if fault.record_id is None else "row fault",
            **({} if fault.record_id is None else {"record_id": fault.record_id}),
        }
        for fault in faulty.faults()
    }


def withdrawal() -> dict[str, Any]:
    return {
        "valid": {
            f"{name}.parquet": {"header": made.header(), "digest": made.header_digest()}
            for name, made in withdrawals.valid().items()
        },
        "refused": {f"{name}.parquet": fault for name, fault, _ in withdrawals.faulty()},
    }


def parts_() -> dict[str, Any]:
    return {
        "valid": {
            f"{name}.parquet": {"header": made.header_json(), "digest": made.header_digest()}
            for name, made in parts.valid().items()
        },
        "refused": {f"{name}.parquet": {"fault": fault, "error": error} for name, fault, error, _ in parts.faulty()},
    }


def sealed_() -> dict[str, Any]:
    return {
        "warning": WARNING,
        "keys": sealed.keys(),
        "valid": {
            f"{name}.sealed": {
                "header": made.header_text().decode(),
                "digest": made.digest().hex(),
                "binding": made.binding().hex(),
                "parts": {part.unit: hashlib.sha256(part.plain).hexdigest() for part in made.parts},
            }
            for name, made in sealed.valid().items()
        },
        "refused": {
            f"{name}.sealed": {"fault": fault, "unit": unit, "error": error}
            for name, fault, unit, error, _ in sealed.faulty()
        },
    }


def totals_() -> dict[str, Any]:
    return {
        "codebook": cases.CODEBOOK,
        "valid": {
            f"{name}.parquet": {"header": made.header(), "digest": made.header_digest()}
            for name, made in totals.valid().items()
        },
        "refused": {f"{name}.parquet": fault for name, fault, _ in totals.faulty()},
    }


@functools.cache
def _synthetic() -> list[tuple[reading.Record, bytes]]:
    """Return the synthetic records, each with its codes, sorted as for its record digest."""
    profile = cases.small_profile()
    derived = reference.Keys.derive(*cases.KEYS[0][1:], profile)
    records = cases.synthetic_records(CHECKPOINTS[-1])
    return [(record, b"".join(sorted_codes(record, profile, derived))) for record in records]


def records_10000() -> bytes:
    """Return the synthetic records as CSV, with the first eight digits of SHA-256 over the codes of each."""
    columns = ("record_id", "number", "given_names", "family_names", "birth_date", "sex")
    lines = [";".join((*columns, "codes"))]
    for record, joined in _synthetic():
        values = [getattr(record, column) or "" for column in columns]
        lines.append(";".join((*values, hashlib.sha256(joined).hexdigest()[:8])))
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def digest_10000() -> dict[str, Any]:
    """Hash the codes of the synthetic records, each record's codes sorted as for its record digest."""
    profile = cases.small_profile()
    state = hashlib.sha256()
    reached = {}
    for i, (_, joined) in enumerate(_synthetic(), start=1):
        state.update(joined)
        if i in CHECKPOINTS:
            reached[str(i)] = state.hexdigest()
    return {
        "warning": WARNING,
        "key": reference.key_text(*cases.KEYS[0][1:]),
        "reporter": cases.REPORTER,
        "reference_date": texts.REFERENCE_DATE.isoformat(),
        "profile": profile,
        "records": "records_10000.csv.gz; how they were made stands at synthetic_records in cases.py",
        "digest": "SHA-256 over C (section 8, record digest) of every record, in order",
        "after_records": reached,
    }


DOCUMENTS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "keys.json": keys,
    "normalise.json": normalise,
    "codes.json": codes,
    "steps.json": steps,
    "shipped.json": shipped,
    "submission.json": submission,
    "submissions/faults.json": faults,
    "withdrawal.json": withdrawal,
    "totals.json": totals_,
    "digest_10000.json": digest_10000,
    "enrolment.json": enrolment,
    "parts.json": parts_,
    "sealed.json": sealed_,
    "encapsulated.json": sealed.encapsulated,
}


def _members(make: Callable[[], dict[str, Any]]) -> Callable[[], Iterator[tuple[str, Any]]]:
    return lambda: iter(make().items())


NAMED: Final[dict[str, Callable[[], Iterator[tuple[str, Any]]]]] = {
    "keys.json": _members(keys),
    "normalise.json": make_normalise.vectors,
    "steps.json": make_codes.step_vectors,
    "codes.json": make_codes.code_vectors,
    "submission.json": _members(submission),
    "shipped.json": _members(shipped),
    "enrolment.json": _members(enrolment),
    "parts.json": _members(parts_),
    "sealed.json": _members(sealed_),
}
"""The vectors of a document by name, one after the other; `mutations.py` looks for the first that differs."""


def _dump(value: Any) -> bytes:
    # Escapes instead of letters: no editor and no checkout can compose, decompose or recode what a vector is about.
    return (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode()


def files() -> dict[str, bytes]:
    """Return every file of the vectors by its path below this folder."""
    out = {path: _dump(make()) for path, make in DOCUMENTS.items()}
    for name, draft in submissions.valid_drafts().items():
        out[f"submissions/{name}.parquet"] = draft.write()
    out["records_10000.csv.gz"] = records_10000()
    for fault in faulty.faults():
        out[f"submissions/{fault.name}.parquet"] = fault.draft.write()
    for name, made in [*withdrawals.valid().items(), *((name, made) for name, _, made in withdrawals.faulty())]:
        out[f"withdrawals/{name}.parquet"] = made.write()
    for name, counted in [*totals.valid().items(), *((name, made) for name, _, made in totals.faulty())]:
        out[f"totals/{name}.parquet"] = counted.write()
    for name, part in [*parts.valid().items(), *((name, made) for name, _, _, made in parts.faulty())]:
        out[f"parts/{name}.parquet"] = part.write()
    for name, file in [*sealed.valid().items(), *((name, made) for name, *_, made in sealed.faulty())]:
        out[f"sealed/{name}.sealed"] = file.write()
    return out


def _on_disk() -> set[str]:
    folders = ("submissions", "withdrawals", "totals", "parts", "sealed")
    found = [
        *FOLDER.glob("*.json"),
        *FOLDER.glob("*.gz"),
        *(path for folder in folders for path in FOLDER.glob(f"{folder}/*")),
    ]
    return {path.relative_to(FOLDER).as_posix() for path in found}


def _same(path: Path, data: bytes) -> bool:
    """Return whether a file has these bytes; of a compressed one the content counts, since compressors differ."""
    if not path.is_file():
        return False
    unpack = gzip.decompress if path.suffix == ".gz" else bytes
    return unpack(path.read_bytes()) == unpack(data)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the test vectors, or check them.")
    parser.add_argument("--check", action="store_true", help="write nothing, name the files that differ")
    parser.add_argument("--only", nargs="+", choices=DOCUMENTS, help="make these documents and no other file")
    options = parser.parse_args(arguments)
    check = options.check
    made = {path: _dump(DOCUMENTS[path]()) for path in options.only} if options.only else files()
    stale = set() if options.only else _on_disk() - made.keys()
    differing = [path for path, data in made.items() if not _same(FOLDER / path, data)]
    if check:
        for path in sorted([*differing, *stale]):
            print(f"differs: {path}")
        return 1 if differing or stale else 0
    for path in stale:
        (FOLDER / path).unlink()
    for path in differing:
        (FOLDER / path).parent.mkdir(exist_ok=True)
        (FOLDER / path).write_bytes(made[path])
    print(f"{len(made)} files, {sum(map(len, made.values()))} bytes, {len(differing)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
