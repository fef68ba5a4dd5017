"""Look at a submission before it is sent: what its reader would see, counted without a key and without plaintext.

A body that runs it sees its own file as the registry does, and as somebody would who took it from the registry: which
records share match keys, which are alike in everything, how far the payload tells records apart. What comes out are
counts, names of kinds and items, and the body's own record ids: never a match key, a content or a bit of either.
"""

from __future__ import annotations

from pseudonym.audit.audit import Audit, audit
from pseudonym.audit.judge import Warned
from pseudonym.audit.payload import PayloadUse

__all__ = ["Audit", "PayloadUse", "Warned", "audit"]
