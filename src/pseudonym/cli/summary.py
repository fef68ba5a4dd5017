"""Text printed by `pseudonym encode`: what was read, what was written, and which rules were broken."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pseudonym.cli.sealing import members_of, say_sealed
from pseudonym.console import OK, PARTIAL, Unfinished, print_json, say
from pseudonym.errors import InputError
from pseudonym.faults import RULES, Fault
from pseudonym.wire import Header, SealedHeader

__all__ = ["Result", "print_result", "refused"]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a run, as the summary needs it."""

    header: Header
    faults: list[Fault]
    notices: tuple[str, ...]
    sealed: SealedHeader | None = None

    def count(self, effect: str) -> int:
        """Count the faults with one effect.

        Sees: neither
        """
        return sum(fault.effect == effect for fault in self.faults)

    @property
    def exit_status(self) -> int:
        """0 if everything was encoded, 3 if rows were rejected or values left out."""
        return PARTIAL if self.count("rejected") or self.count("left out") else OK


def print_result(result: Result, out: Path, *, rejects: Path | None, as_json: bool) -> None:
    """Print the summary of a run as text or JSON.

    Args:
        result: The outcome of the run.
        out: The submission file.
        rejects: The rejects file, if there is one.
        as_json: Print JSON.

    Sees: neither
    """
    header = result.header
    if as_json:
        document = {
            "out": str(out),
            "records": header.records,
            "codes": header.codes,
            **_figures(result.faults),
            "notices": list(result.notices),
            **members_of(header, result.sealed),
        }
        print_json(document)
        return
    say(f"{out}: {header.records} records, {header.codes} codes, profile {header.profile}, sequence {header.sequence}.")
    say_sealed(result.sealed)
    for notice in result.notices:
        say(f"Note: {notice}")
    _print_faults(result.faults, rejects)


def refused(error: InputError, faults: list[Fault], rejects: Path | None, *, as_json: bool) -> Exception:
    """Print why no submission was written: the faults of an input that cannot be used as it is.

    Args:
        error: The error that ended the run.
        faults: The faults.
        rejects: The rejects file, if there is one.
        as_json: Whether the faults go into the document of the error instead.

    Returns:
        The error to raise.

    Sees: neither
    """
    if as_json:
        return Unfinished(error, {"out": None, **_figures(faults)})
    say("No submission was written.")
    _print_faults(faults, rejects)
    return error


def _figures(faults: list[Fault]) -> dict[str, object]:
    """Return how many faults there are of each effect, and of each rule."""
    count = Counter(fault.effect for fault in faults)
    listed = [
        {"field": field, "rule": rule, "effect": effect, "count": number}
        for (field, rule, effect), number in _count_rules(faults)
    ]
    return {effect.replace(" ", "_"): count[effect] for effect in ("rejected", "left out", "marked")} | {
        "faults": listed
    }


def _count_rules(faults: list[Fault]) -> list[tuple[tuple[str, str, str], int]]:
    return sorted(Counter((fault.field or "row", fault.rule, fault.effect) for fault in faults).items())


def _print_faults(faults: list[Fault], rejects: Path | None) -> None:
    """Print the number of faults by rule, with the meaning of each rule."""
    if not faults:
        return
    count = Counter(fault.effect for fault in faults)
    say(
        f"Rows rejected: {count['rejected']}; values left out: {count['left out']}; "
        f"kept with a mark: {count['marked']}."
    )
    for (field, rule, effect), number in _count_rules(faults):
        say(f"  {number} x {field}: {effect} ({rule}). {RULES[rule]}")
    say(f"Listed in {rejects}." if rejects is not None else "Use --rejects FILE to list them row by row.")
