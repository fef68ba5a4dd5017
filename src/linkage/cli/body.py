"""`linkage enrol` and `linkage body`: which reporters may send, and with which keys."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class, reporters
from linkage.cli.text import read_day
from linkage.errors import TrustError
from pseudonym.console import counted, print_json, say, table_text, wrapped, wrong_option
from pseudonym.enrolment import Answer, EnrolmentError, read_answer, read_invite

if TYPE_CHECKING:
    from linkage.intake import Enrolment
    from linkage.pipeline import Revoked

__all__ = [
    "ENROL_EXAMPLE",
    "LIST_EXAMPLE",
    "REPLACE_EXAMPLE",
    "RESUME_EXAMPLE",
    "REVOKE_EXAMPLE",
    "SUSPEND_EXAMPLE",
    "enrol",
    "list_bodies",
    "replace",
    "resume",
    "revoke",
    "suspend",
]

ENROL_EXAMPLE: Final = """\b
Example: linkage enrol national police-answer.json --fingerprint "42210 07318 66542 19005 83310 27764"
  police is enrolled; its key has the fingerprint 42210 07318 66542 19005 83310 27764.
  From now on only files that it has signed are received in its name."""

LIST_EXAMPLE: Final = """\b
Example: linkage body list national
  reporter  state      since       until       fingerprint
  police    replaced   2026-01-12  2026-04-02  42210 07318 66542 19005 83310 27764
  police    active     2026-04-02              90141 55728 10029 38846 71150 02963
  school-1  suspended  2026-02-01              11872 40096 25531 98740 60213 44417"""

SUSPEND_EXAMPLE: Final = """\b
Example: linkage body suspend national school-1
  school-1 is suspended: nothing is received in its name until linkage body resume."""

RESUME_EXAMPLE: Final = """\b
Example: linkage body resume national school-1
  school-1 may send again."""

REPLACE_EXAMPLE: Final = """\b
Example: linkage body replace national police-answer-2.json --fingerprint "90141 ... 02963"
  police has a new key with the fingerprint 90141 55728 10029 38846 71150 02963.
  Nothing signed with its old key is received any more.
\b
When keys change as planned, the old one may serve until files under way have come:
  linkage body replace national police-answer-2.json --until 2026-04-30"""

REVOKE_EXAMPLE: Final = """\b
Example: linkage body revoke national police --on 2026-03-15
  The key of police is revoked from 2026-03-15 on: nothing signed with it is received any more, whenever it was signed.
  1 file was received with it since then, and stays:
    sequence 1774000000000, delivery of 2026-03, 212 records, received 2026-04-02
  Ask police about each. It can take back what is not its own, with a new key: linkage body replace, then pseudonym
  withdraw."""

ReporterArgument = Annotated[
    str, typer.Argument(metavar="REPORTER", help="Code of the reporter.", autocompletion=reporters)
]
AnswerArgument = Annotated[
    Path, typer.Argument(metavar="ANSWER", help="The file that pseudonym enrol wrote at the reporter.")
]
InviteOption = Annotated[
    Path | None,
    typer.Option(
        metavar="INVITE",
        help="The invite that was sent: an answer to another one is refused. Default: any that this registry has made "
        "for the reporter, as its audit log says.",
    ),
]
FingerprintOption = Annotated[
    str | None,
    typer.Option(
        metavar="DIGITS",
        help="The fingerprint that the reporter has read to you by telephone. Without it you are asked.",
    ),
]


def enrol(
    registry: RegistryArgument,
    answer: AnswerArgument,
    invite: InviteOption = None,
    fingerprint: FingerprintOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Enrol a reporter with the key in its answer to an invite.

    Call the reporter at a number that you know, and let it read the fingerprint of its key to you, as pseudonym enrol
    prints it. Whoever could exchange the answer on its way could sign in the name of the reporter.

    From then on only files that it has signed are received in its name. What it sent before stays.
    """
    opened = registry_class().open(registry, wait=wait)
    read = _read(answer, invite)
    # An invite that is named is compared with the answer itself.
    answered = read.invite if invite is None else None
    done = opened.enrolments.enrol(read.reporter, read.key, fingerprint=_compared(read, fingerprint), invite=answered)
    if as_json:
        print_json(done.to_dict())
        return
    say(f"{done.reporter} is enrolled; its key has the fingerprint {done.key.spoken}.")
    say("From now on only files that it has signed are received in its name.")


def list_bodies(
    registry: RegistryArgument,
    reporter: Annotated[str | None, typer.Option(metavar="CODE", help="Only this reporter.")] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show every key that was ever enrolled, with its state."""
    keys = registry_class().open(registry, wait=wait).enrolments.keys(reporter)
    if as_json:
        print_json([one.to_dict() for one in keys])
    else:
        typer.echo(_table(keys))


def suspend(
    registry: RegistryArgument, reporter: ReporterArgument, wait: WaitOption = WAIT, as_json: JsonOption = False
) -> None:
    """Receive nothing in the name of a reporter until it is resumed.

    What it has sent stays. Use it while you find out what is wrong; a leaked key is revoked.
    """
    done = registry_class().open(registry, wait=wait).enrolments.suspend(reporter)
    _say(done, f"{reporter} is suspended: nothing is received in its name until linkage body resume.", as_json=as_json)


def resume(
    registry: RegistryArgument, reporter: ReporterArgument, wait: WaitOption = WAIT, as_json: JsonOption = False
) -> None:
    """Receive again what a suspended reporter sends, also what it signed meanwhile."""
    done = registry_class().open(registry, wait=wait).enrolments.resume(reporter)
    _say(done, f"{reporter} may send again.", as_json=as_json)


def replace(
    registry: RegistryArgument,
    answer: AnswerArgument,
    invite: InviteOption = None,
    fingerprint: FingerprintOption = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="The last day on which files signed with the old key are received. Default: none from now on.",
        ),
    ] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Replace the key of an enrolled reporter, after it has lost the old one or as planned.

    After a leak, revoke the old key first. A reporter with a new key has new handles too, so it sends again all
    that it may still correct, as complete deliveries (docs/how-to/enrol-a-body.md).
    """
    day = None if until is None else read_day(until, option="--until")
    opened = registry_class().open(registry, wait=wait)
    read = _read(answer, invite)
    answered = read.invite if invite is None else None
    done = opened.enrolments.replace(
        read.reporter, read.key, fingerprint=_compared(read, fingerprint), until=day, invite=answered
    )
    old = "Nothing signed with its old key is received any more."
    if day is not None:
        old = f"Until {day.isoformat()} files signed with its old key are received too."
    _say(done, f"{done.reporter} has a new key with the fingerprint {done.key.spoken}.\n{old}", as_json=as_json)


def revoke(
    registry: RegistryArgument,
    reporter: ReporterArgument,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help="The first day on which nothing is received, also a past one. Default: from now on."
        ),
    ] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """End every key of a reporter from a day on, after a leak or when it reports no longer.

    What was received before that day stays. What comes later is refused, even if it was signed before: whoever has a
    key can sign any date. Files that were received from that day on are listed, and stay until they are withdrawn.
    """
    day = None if on is None else read_day(on, option="--on")
    done = registry_class().open(registry, wait=wait).enrolments.revoke(reporter, on=day)
    if as_json:
        print_json(done.to_dict())
    else:
        typer.echo("\n".join(map(wrapped, _revoked(reporter, done))))


def _read(answer: Path, invite: Path | None) -> Answer:
    try:
        read = read_answer(answer)
        if invite is not None:
            read.check_invite(read_invite(invite))
    except EnrolmentError as error:
        raise TrustError(
            error.rule, error.message, hint=error.hint, field=error.field, allowed=error.allowed, path=error.path
        ) from None
    return read


def _compared(answer: Answer, given: str | None) -> str:
    """Return the fingerprint that was compared: the given one, or that of the answer once the user says so."""
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise wrong_option(
            "--fingerprint", "Give the fingerprint that the reporter has read to you: there is no terminal to ask at."
        )
    say(f"The answer is of {answer.reporter}, and its key has the fingerprint {answer.key.spoken}.", err=True)
    if not typer.confirm("Has the reporter read the same digits to you?", default=False, err=True):
        raise wrong_option("--fingerprint", "Nothing was changed: call the reporter first.")
    return answer.key.fingerprint


def _say(done: Enrolment, text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(done.to_dict())
    else:
        typer.echo("\n".join(map(wrapped, text.split("\n"))))


def _revoked(reporter: str, done: Revoked) -> list[str]:
    day = (done.keys[0].until or "")[: len("YYYY-MM-DD")]
    lines = [
        f"The key of {reporter} is revoked from {day} on: nothing signed with it is received any more, whenever it was "
        "signed."
    ]
    if done.in_question is None:
        return [*lines, "Revoke it at the statistics unit too, which lists the files that were received with it since."]
    if not done.in_question:
        return [*lines, "No file was received with it since then."]
    n = len(done.in_question)
    was, stay = ("was", "stays") if n == 1 else ("were", "stay")
    lines.append(f"{counted(n, 'file')} {was} received with it since then, and {stay}:")
    for one in done.in_question:
        period = f" of {one.period}" if one.period else ""
        lines.append(
            f"  sequence {one.sequence}, {one.kind}{period}, {counted(one.records, 'record')}, received "
            f"{one.received_at[: len('YYYY-MM-DD')]}"
        )
    return [
        *lines,
        f"Ask {reporter} about each. It can take back what is not its own, with a new key: linkage body replace, then "
        "pseudonym withdraw.",
    ]


def _table(keys: Sequence[Enrolment]) -> str:
    if not keys:
        return "No reporter is enrolled."
    header = ("reporter", "state", "since", "until", "fingerprint")
    rows = [
        (
            one.reporter,
            one.state,
            one.since[: len("YYYY-MM-DD")],
            (one.until or "")[: len("YYYY-MM-DD")],
            one.key.spoken,
        )
        for one in keys
    ]
    return table_text(header, rows)
