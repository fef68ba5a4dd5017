"""What the two units of a registry tell each other: which records are live, and which person each of them is.

A message says all that its sender knows, so the last one makes all earlier ones superfluous: one that is lost needs no
repeat, and one that is taken twice changes nothing. Within one process a message is a few Arrow tables; between units
apart it is a file with the same tables. Only within one process a hand-over may leave out what has not changed.
"""

from __future__ import annotations

from linkage.messages.files import read_hand_over, read_notice, write_hand_over, write_notice
from linkage.messages.hand_over import HandOver, HandOverSince
from linkage.messages.notice import Notice

__all__ = ["HandOver", "HandOverSince", "Notice", "read_hand_over", "read_notice", "write_hand_over", "write_notice"]
