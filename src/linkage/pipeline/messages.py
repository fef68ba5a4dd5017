"""The messages between units that are apart: each makes its own as a file, and takes that of the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from linkage.errors import NoticeError
from linkage.intake.erasure import NOTICE_DUE
from linkage.linkage_unit.handing import make_hand_over
from linkage.linkage_unit.notices import LAST_NOTICE, take_notice
from linkage.messages import read_hand_over, read_notice, write_hand_over, write_notice
from linkage.pipeline.exchange import erase
from linkage.pipeline.settings import Settings
from linkage.pipeline.units import Units
from linkage.progress import now
from linkage.statistics_unit.handing import take_hand_over
from linkage.statistics_unit.notices import make_notice
from linkage.store import Session

__all__ = ["MadeMessage", "Messages", "TakenHandOver", "TakenNotice", "check_noticed"]

_HELD: Final = "SELECT count(*) FILTER (live), count(*) FILTER (NOT live) FROM records"
_HANDED: Final = "SELECT (SELECT count(*) FROM persons), count(DISTINCT person_id) FROM persons"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeMessage:
    """A message that was written to a file.

    Attributes:
        number: Its number; a message with a lower one is older.
        records: Number of records that it is about.
        pairs: Of a notice the pairs that are different persons, of a hand-over the links and other stored pairs.
        crowded: Of a notice the number of cases that have too many records to say who is who.
    """

    number: int
    records: int
    pairs: int
    crowded: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, as `linkage notice make --json` prints them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenNotice:
    """What the linkage unit has made of a notice.

    Attributes:
        number: Its number.
        live: Number of records that are linked from now on.
        waiting: Number of records that the statistics unit does not know yet, and that are not linked.
        erased: Number of records whose codes were erased.
        without_codes: Number of records of the notice whose codes have not come.
    """

    number: int
    live: int
    waiting: int
    erased: int
    without_codes: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, as `linkage notice take --json` prints them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenHandOver:
    """What the statistics unit has learnt from a hand-over.

    Attributes:
        number: Its number, that of the last run.
        records: Number of records that have a person now.
        persons: Number of their persons.
    """

    number: int
    records: int
    persons: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, as `linkage hand-over take --json` prints them."""
        return asdict(self)


class Messages:
    """The messages of a registry: a notice goes to the linkage unit, and a hand-over comes back."""

    def __init__(self, units: Units, settings: Settings) -> None:
        """Use `Registry.messages` instead."""
        self._units = units
        self._digest = settings.profile.digest

    def make_notice(self, path: str | Path) -> MadeMessage:
        """Write the notice of the statistics unit: which records are live, and which are different persons.

        Args:
            path: The file, which only its owner may read; an older notice is replaced.

        Returns:
            What is in it.

        Raises:
            UnitError: The statistics unit is elsewhere.
            ExportError: The file cannot be written.
        """
        with self._units.statistics.session(write=False) as cases:
            notice = make_notice(cases, profile_digest=self._digest, at=now())
            due = cases.get(NOTICE_DUE)
        write_notice(notice, path)
        if due and self._units.alone is not None:
            with self._units.statistics.session(write=True) as cases:
                cases.forget(NOTICE_DUE)
        return MadeMessage(
            number=notice.number,
            records=notice.live.num_rows,
            pairs=notice.apart.num_rows,
            crowded=notice.crowded,
        )

    def take_notice(self, path: str | Path) -> TakenNotice:
        """Bring the linkage unit in line with a notice; codes of records that are gone are erased from its file.

        Args:
            path: The file.

        Returns:
            What changed.

        Raises:
            UnitError: The linkage unit is elsewhere.
            NoticeError: The notice cannot be used; nothing was changed.
            NotErasedError: It was taken, but the codes are still in the file.
        """
        linkage = self._units.linkage
        notice = read_notice(path)
        with linkage.session(write=True) as codes:
            erased = take_notice(codes, notice, profile_digest=self._digest, at=now())
            live, waiting = codes.rows(_HELD)[0]
        erase(self._units)
        return TakenNotice(
            number=notice.number,
            live=live,
            waiting=waiting,
            erased=erased,
            without_codes=notice.live.num_rows - live,
        )

    def make_hand_over(self, path: str | Path) -> MadeMessage:
        """Write the hand-over of the linkage unit: the person of each record, links, and the figures of runs.

        Args:
            path: The file, which only its owner may read; an older hand-over is replaced.

        Returns:
            What is in it.

        Raises:
            UnitError: The linkage unit is elsewhere.
            ExportError: The file cannot be written.
        """
        with self._units.linkage.session(write=False) as codes:
            made = make_hand_over(codes, profile_digest=self._digest, at=now())
        write_hand_over(made, path)
        return MadeMessage(number=made.number, records=made.persons.num_rows, pairs=made.links.num_rows)

    def take_hand_over(self, path: str | Path) -> TakenHandOver:
        """Let the statistics unit know who each record is.

        Args:
            path: The file.

        Returns:
            What it knows now.

        Raises:
            UnitError: The statistics unit is elsewhere.
            HandOverError: The hand-over cannot be used; nothing was changed.
        """
        statistics = self._units.statistics
        made = read_hand_over(path)
        with statistics.session(write=True) as cases:
            take_hand_over(cases, made, profile_digest=self._digest, at=now())
            records, persons = cases.rows(_HANDED)[0]
        return TakenHandOver(number=made.number, records=records, persons=persons)


def check_noticed(codes: Session) -> None:
    """Check that a linkage unit on its own has taken a notice.

    Raises:
        NoticeError: `notice.missing`.
    """
    if not codes.get(LAST_NOTICE):
        raise NoticeError(
            "notice.missing",
            "No notice of the statistics unit has been taken, so it is not known which records are live.",
            hint="Make one there, linkage notice make, and take it here: linkage notice take",
        )
