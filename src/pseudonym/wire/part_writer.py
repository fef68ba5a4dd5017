"""Split a submission into its two parts, one for each unit (docs/spec.md, section 13)."""

from __future__ import annotations

from io import RawIOBase
from pathlib import Path
from typing import IO, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pseudonym.codebook import Codebook
from pseudonym.labels import LABELS
from pseudonym.output import Outputs, writing
from pseudonym.profile import Profile
from pseudonym.wire.container import parquet_kind
from pseudonym.wire.header import CASES_KEY, CODES_KEY, as_metadata
from pseudonym.wire.part_headers import CasesHeader, CodesHeader, header_of_cases, header_of_codes
from pseudonym.wire.reader import lookup, open_submission, same_codebook
from pseudonym.wire.schema import REPEATED, case_schema, code_schema, fixed_bytes
from pseudonym.wire.whole import Whole

__all__ = ["CASES_PART", "CODES_PART", "split_submission", "write_parts"]

Writable = IO[bytes] | RawIOBase

_SPLIT: Final = "The submission cannot be split: "


def split_submission(
    path: str | Path, *, codes: str | Path, cases: str | Path, profile: Profile, codebook: Codebook | None
) -> tuple[CodesHeader, CasesHeader]:
    """Write the parts of a submission to two files, which appear under their names together.

    Args:
        path: The submission.
        codes: The part for the linkage unit; only an older one is replaced.
        cases: The part for the statistics unit, likewise.
        profile: The profile that the submission follows.
        codebook: Its codebook, or None.

    Returns:
        The headers of both parts.

    Raises:
        SubmissionError: As for `open_submission`.
        OutputError: As for `pseudonym.output.Outputs.add` and `Outputs.commit`.
    """
    with Outputs() as outputs:
        parts = outputs.add(codes, CODES_PART), outputs.add(cases, CASES_PART)
        with writing(CODES_PART, codes), parts[0].open("wb") as first, parts[1].open("wb") as second:
            headers = write_parts(path, first, second, profile=profile, codebook=codebook)
        outputs.commit()
    return headers


def write_parts(
    path: str | Path, codes: Writable, cases: Writable, *, profile: Profile, codebook: Codebook | None
) -> tuple[CodesHeader, CasesHeader]:
    """Read a submission once, check it, and write each of its parts to an open file.

    Args:
        path: The submission.
        codes: Where the part for the linkage unit goes; it is written from the front to the end.
        cases: Where the part for the statistics unit goes, likewise.
        profile: The profile that the submission follows.
        codebook: Its codebook, or None.

    Returns:
        The headers of both parts. What was written is of use only once this returns.

    Raises:
        SubmissionError: As for `open_submission`.
        OSError: A part cannot be written.
    """
    of_codes = Whole(_SPLIT, label=LABELS["codes_content"])
    of_cases = Whole(_SPLIT, label=LABELS["cases_content"])
    with open_submission(path, profile=profile, codebook=codebook) as (header, turns):
        items = codebook.item_names if codebook is not None and same_codebook(header.codebook, codebook) else ()
        code_rows = code_schema(profile.encoding.content_bytes)
        with _parquet(codes, code_rows) as first, _parquet(cases, case_schema(items)) as second:
            for turn in turns:
                handles = fixed_bytes(turn.cases["record"])
                # A record without codes, which a registry sets aside, is in the part with cases alone.
                coded = np.sort(lookup(handles, fixed_bytes(turn.codes["record"].unique())))
                digests = [turn.code_digests[index] for index in coded]
                of_codes.add(handles[coded], digests, n_codes=turn.codes.num_rows)
                of_cases.add(handles, list(turn.case_digests))
                first.write_table(turn.codes.cast(code_rows), row_group_size=turn.codes.num_rows)
                second.write_table(turn.cases, row_group_size=turn.cases.num_rows)
                # Otherwise the turn would stay in memory until the next one has been read.
                del turn, handles
            counts = {"records": of_codes.n_records, "codes": of_codes.n_codes}
            codes_header = header_of_codes(header, **counts, content_digest=of_codes.content_digest)
            cases_header = header_of_cases(header, content_digest=of_cases.content_digest)
            first.add_key_value_metadata(as_metadata(codes_header, CODES_KEY))
            second.add_key_value_metadata(as_metadata(cases_header, CASES_KEY))
    return codes_header, cases_header


def _parquet(file: Writable, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        use_dictionary=[name for name in REPEATED if name in schema.names],
        write_statistics=False,
        write_page_checksum=True,
        store_schema=False,
    )


CODES_PART: Final = parquet_kind("part with codes", CODES_KEY)
"""What has the header of a part with codes, whole or damaged."""

CASES_PART: Final = parquet_kind("part with cases", CASES_KEY)
"""What has the header of a part with cases, whole or damaged."""
