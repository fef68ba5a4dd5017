"""What the exit status of each command means, for its help and for docs/reference/commands.md."""

from __future__ import annotations

from typing import Final

__all__ = ["STATUSES"]

_DONE: Final = "done"
_USAGE: Final = "wrong usage"
_REGISTRY: Final = "the registry cannot be used"
_KEY: Final = "the registry key cannot be used"
_CLUSTER_KEY: Final = "the registry key cannot be used, or a cluster does not take this profile"
_READ: Final = {0: _DONE, 2: _USAGE, 6: _REGISTRY}
_DRAWN: Final = {0: _DONE, 2: _USAGE, 6: "the registry cannot be used, or the file cannot be written"}
_ENTRY: Final = {0: _DONE, 2: _USAGE, 5: "an entry cannot be used, and the roster is as it was", 6: _REGISTRY}
_BODY: Final = {0: _DONE, 2: _USAGE, 5: "the enrolment cannot be changed like this, and is as it was", 6: _REGISTRY}
_COUNTED: Final = {
    0: _DONE,
    2: _USAGE,
    5: "an item, code, period, day, file of rules or definition cannot be used",
    6: "the registry cannot be used, was never linked, or the file cannot be written",
}
_ENROLLED: Final = {
    0: _DONE,
    2: "wrong usage, or the fingerprint was not compared",
    5: "the answer cannot be used, its fingerprint is another one, or the reporter cannot be enrolled",
    6: _REGISTRY,
}

_SAMPLE: Final = {0: _DONE, 2: _USAGE, 5: "no sample can be drawn like this, or none was drawn yet", 6: _COUNTED[6]}

STATUSES: Final[dict[str, dict[int, str]]] = {
    "init": {
        0: "the registry was created",
        2: _USAGE,
        5: "the key, profile, codebook or key id cannot be used",
        6: "the registry cannot be created",
    },
    "invite": {
        0: "the invite was written",
        2: _USAGE,
        5: "a key, the code of the reporter or the period cannot be used",
        6: "the registry cannot be used, or the file cannot be written",
    },
    "key new": {0: "the key was written", 2: _USAGE, 5: "the key cannot be written"},
    "key inspect": {0: _DONE, 2: _USAGE, 5: "the key cannot be read"},
    "key wrap": {0: "the key was written", 2: _USAGE, 5: "the key cannot be read or written"},
    "key unwrap": {0: "the key was written", 2: _USAGE, 5: "the key cannot be read or written"},
    "receive": {
        0: "all files were received, now or earlier",
        2: _USAGE,
        3: "received, but rows were quarantined, records came too late to change anything, a withdrawal named "
        "records or cases that the registry does not have, or the code of a new reporter differs by one letter from a "
        "known one",
        4: "at least one file was refused or held back and nothing of it stored; the others were received",
        5: _KEY,
        6: "the registry cannot be used, or, after the receipts, something could not be erased or written",
    },
    "receipt": {
        0: _DONE,
        2: "wrong usage, or no such file was received",
        5: "the key that was named cannot be used",
        6: _REGISTRY,
    },
    "link": {
        0: _DONE,
        2: _USAGE,
        5: _CLUSTER_KEY,
        6: "the registry cannot be used, the run would take more memory than there is, or the cluster does not answer "
        "or has failed",
    },
    "purge": {
        0: _DONE,
        2: _USAGE,
        5: _CLUSTER_KEY,
        6: "the registry cannot be used, has changed since the last run of link, the purge would take more memory than "
        "there is, something could not be erased, or the cluster does not answer or has failed",
    },
    "status": _READ,
    "summary": _READ,
    "table": _COUNTED,
    "overlap": _COUNTED,
    "bodies": _COUNTED,
    "compare-definitions": _COUNTED,
    "privacy": _READ,
    "coverage": _DRAWN,
    "totals": _DRAWN,
    "explain": {0: _DONE, 2: "wrong usage, or no such record", 5: _KEY, 6: _DRAWN[6]},
    "erase": {
        0: _DONE,
        2: _USAGE,
        5: "the day is still to come",
        6: "the registry cannot be used, or what was to be erased is still in the file",
    },
    "enrol": _ENROLLED,
    "body list": _READ,
    "body suspend": _BODY,
    "body resume": _BODY,
    "body replace": _ENROLLED,
    "body revoke": _BODY,
    "policy": {0: _DONE, 2: _USAGE, 5: "key id or epoch cannot be used, and nothing was changed", 6: _REGISTRY},
    "audit verify": {
        0: "the log is as it was written, and a seal or the head proves it for every entry",
        2: _USAGE,
        3: "nothing is wrong, but nothing proves the last entries: the key is not at hand, or they are not sealed",
        5: "the registry key cannot be used",
        6: "the log is not as it was written, or the registry cannot be used",
    },
    "audit repeat": {
        0: "the latest run was repeated, with the same result",
        2: _USAGE,
        3: "another result, or what the run was computed from has changed since",
        5: "the registry key cannot be used",
        6: _REGISTRY,
    },
    "audit head": _READ,
    "audit list": _READ,
    "held list": _READ,
    "held dismiss": {0: _DONE, 2: "wrong usage, or no such file is held back", 6: _REGISTRY},
    "roster import": {0: _DONE, 2: _USAGE, 5: "the file or a row of it cannot be used, and the roster is as it was"}
    | {6: _REGISTRY},
    "roster list": _READ,
    "roster set": _ENTRY,
    "roster end": _ENTRY,
    "roster remove": _ENTRY,
    "roster kinds": {0: _DONE, 2: _USAGE, 6: "packages are missing"},
    "sample draw": _SAMPLE,
    "sample questions": _SAMPLE,
    "sample answers": {
        0: _DONE,
        2: _USAGE,
        5: "no sample was drawn yet, or the file or a row of it cannot be used, and the answers are as they were",
        6: _REGISTRY,
    },
    "sample status": {0: _DONE, 2: _USAGE, 5: "no sample was drawn yet", 6: _REGISTRY},
    "notice make": _DRAWN,
    "notice take": {0: _DONE, 2: _USAGE, 4: "the notice cannot be used, and nothing was changed", 6: _REGISTRY},
    "hand-over make": _DRAWN,
    "hand-over take": {0: _DONE, 2: _USAGE, 4: "the hand-over cannot be used, and nothing was changed", 6: _REGISTRY},
    "codebook add": {
        0: _DONE,
        2: _USAGE,
        5: "the codebook or the map cannot be used, and the registry is as it was",
        6: _REGISTRY,
    },
    "codebook list": _READ,
    "codebook end": {0: _DONE, 2: _USAGE, 5: "there is no such codebook, or it is the newest", 6: _REGISTRY},
    "codebook breaks": {0: _DONE, 2: _USAGE, 5: "there is no such item", 6: _REGISTRY},
    "export persons": _DRAWN | {5: "the registry key, or the name of the recipient, cannot be used"},
    "export links": _DRAWN,
}
"""The statuses of each command."""
