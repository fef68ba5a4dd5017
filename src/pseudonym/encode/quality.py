"""How well the identity fields of a submission are filled: the only figures about identities that leave a body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pseudonym.record import IDENTITY_FIELDS, Fault, Record
from pseudonym.wire import Quality

__all__ = ["QualityCounter"]


class QualityCounter:
    """Count what the records hold while they pass."""

    def __init__(self) -> None:
        """Start from nothing."""
        self._missing = dict.fromkeys(IDENTITY_FIELDS, 0)

    def watch(self, records: Iterable[Record | tuple[int, Record]]) -> Iterator[Record | tuple[int, Record]]:
        """Hand records on and count the fields that are missing.

        Sees: plaintext
        """
        for item in records:
            record = item if isinstance(item, Record) else item[1]
            for name in IDENTITY_FIELDS:
                value = getattr(record, name)
                self._missing[name] += value is None or not value.strip()
            yield item

    def figures(self, faults: Sequence[Fault]) -> dict[str, Quality]:
        """Give the figures of each identity field.

        Args:
            faults: All faults of the same records.

        Returns:
            The figures by field.

        Sees: neither
        """
        count = Counter((fault.field, fault.effect) for fault in faults)
        return {
            name: Quality(missing=missing, unreadable=count[name, "left out"], marked=count[name, "marked"])
            for name, missing in self._missing.items()
        }
