"""Inspect a submission before it is sent: count what its reader would see, without a key and without plaintext.

The reporter sees its own file as the registry does, and as a thief of the registry's data would: which records share
match keys, which are equal in everything, and how far the payload tells records apart. The results are counts, names of
match keys and items, and the reporter's own record ids, but never a match key, a content or any bit of them.
"""

from __future__ import annotations

from pseudonym.audit.audit import Audit, audit
from pseudonym.audit.judge import Warned

__all__ = ["Audit", "Warned", "audit"]
