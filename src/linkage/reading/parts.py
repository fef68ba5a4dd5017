"""Read the part of a submission that a unit on its own may see: codes for the one, cases for the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.errors import RefusedError
from linkage.reading.kept import CodesOfFile
from linkage.reading.refusals import changed, refusing
from linkage.reading.verify import Expected, check_header
from pseudonym.faults import Fault
from pseudonym.wire import (
    CasesHeader,
    CodesHeader,
    case_faults,
    case_schema,
    code_faults,
    code_schema,
    fixed_column,
    open_cases,
    open_codes,
    read_part_header,
)

__all__ = ["VerifiedCases", "VerifiedCodes", "verify_cases", "verify_codes"]


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedCases:
    """The part with cases, read once and intact.

    Attributes:
        path: The file.
        header: Its header.
        cases: One row per record: `record`, `record_id`, the reserved columns, `payload.*`.
        case_digests: 32 bytes for each row of `cases`.
        faults: The records that break a rule for single rows, by their row in `cases`.
    """

    path: Path
    header: CasesHeader
    cases: pa.Table
    case_digests: tuple[bytes, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedCodes:
    """The part with codes, read once and intact; those of a large file are read again when they are stored.

    Attributes:
        path: The file.
        expected: What it was checked against.
        header: Its header.
        handles: The handles of its records.
        code_digests: 32 bytes for each of them.
        faults: The records with a wrong number of codes, by their index in `handles`.
    """

    path: Path
    expected: Expected
    header: CodesHeader
    handles: pa.Array
    code_digests: tuple[bytes, ...]
    faults: tuple[Fault, ...]
    _kept: CodesOfFile

    @property
    def good(self) -> NDArray[np.bool_]:
        """Which records break no rule."""
        good = np.ones(len(self.handles), bool)
        good[[fault.row for fault in self.faults]] = False
        return good

    def codes(self) -> Iterator[pa.Table]:
        """Return the codes in parts, as they were verified, also if they must be read again.

        Raises:
            RefusedError: `submission.changed` if they have; the rule of `pseudonym.wire` if the file is now damaged.
        """
        schema = code_schema(self.expected.profile.encoding.content_bytes)
        return self._kept.again(schema, same_header=lambda: read_part_header(self.path) == self.header)


def verify_codes(
    path: Path, expected: Expected, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> VerifiedCodes:
    """Read the part with codes and check that it fits the registry.

    Args:
        path: The file.
        expected: What the registry expects; its codebooks do not matter.
        progress: Called with the number of records read and their total.

    Returns:
        The verified part, without its codes.

    Raises:
        RefusedError: As for `verify`.
    """
    handles: list[NDArray[np.uint8]] = [np.zeros((0, 16), np.uint8)]
    digests: list[bytes] = []
    faults: list[Fault] = []
    kept = CodesOfFile(path)
    with refusing(path), open_codes(path, profile=expected.profile) as (header, turns):
        check_header(header, expected, path)
        kept.expect(header.codes, expected.profile.encoding.content_bytes)
        for turn in turns:
            faults += code_faults(turn.records, turn.codes, profile=expected.profile, first_row=len(digests))
            handles.append(turn.records)
            digests += turn.record_digests
            kept.add(turn.index, turn.codes)
            progress(len(digests), header.records)
            # Otherwise its codes would stay in memory until the next turn has been read.
            del turn
    rows = fixed_column(np.concatenate(handles))
    return VerifiedCodes(path, expected, header, rows, tuple(digests), tuple(faults), kept)


def verify_cases(
    path: Path,
    expected: Expected,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> VerifiedCases:
    """Read the part with cases and check that it fits the registry.

    Args:
        path: The file.
        expected: What the registry expects; its profile does not matter.
        progress: Called with the number of records read and their total.

    Returns:
        The verified part.

    Raises:
        RefusedError: As for `verify`.
    """
    tables: list[pa.Table] = []
    digests: list[bytes] = []
    faults: list[Fault] = []
    with refusing(path):
        first = _cases_header(path)
        check_header(first, expected, path)
        codebook = expected.codebook_of(first.codebook)
        with open_cases(path, codebook=codebook) as (header, turns):
            if header != first:
                raise changed(path)
            for turn in turns:
                faults += case_faults(turn.cases, codebook=codebook, first_row=len(digests))
                tables.append(turn.cases)
                digests += turn.record_digests
                progress(len(digests), header.records)
    items = () if codebook is None else codebook.item_names
    rows = pa.concat_tables([case_schema(items).empty_table(), *tables])
    return VerifiedCases(path, header, rows, tuple(digests), tuple(faults))


def _cases_header(path: Path) -> CasesHeader:
    header = read_part_header(path)
    if isinstance(header, CasesHeader):
        return header
    raise RefusedError(
        "submission.unit",
        "The file is the part of a submission for the linkage unit, which this unit must not see.",
        hint="Receive it at the linkage unit, and here the part with cases.",
        path=path,
    )
