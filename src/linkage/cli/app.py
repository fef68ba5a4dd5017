"""The command line as a whole: its help, its version, and its commands in order of use."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from linkage.audit_log import acting_as
from linkage.cli import (
    audit,
    audit_repeat,
    bodies,
    body,
    codebook,
    coverage,
    definitions,
    erase,
    explain,
    export,
    held,
    init,
    invite,
    key,
    link,
    messages,
    overlap,
    policy,
    privacy,
    purge,
    receipt,
    receive,
    roster,
    sample,
    status,
    summary,
    table,
    totals,
)
from linkage.cli.statuses import STATUSES
from linkage.cli.text import checked_name
from pseudonym.console import Application, exit_statuses, version_option

__all__ = ["app"]

PURPOSE: Final = "Link records that reporters have encoded, and count unique persons, without learning who they are."

_ORDER: Final = """\b
The usual order:
  linkage init national
  linkage receive national police-2026-03.parquet school-2026-03.parquet
  linkage link national
  linkage status national
  linkage summary national
  linkage privacy national
  linkage export persons national --out persons.csv

\b
To count inside the agency, by what reports say:
  linkage table national --by year --by child_adult --period 2024..2026
  linkage bodies national --marginal --period 2026

\b
To let ranges rest on answers about a sample of records:
  linkage sample draw national --records 200 --out questions.csv
  linkage sample answers national questions.csv

\b
To see what reporters have counted themselves:
  linkage totals national --period 2026-03

\b
To know who is missing, and what nobody should have sent:
  linkage roster import national roster.csv
  linkage coverage national

\b
To let a reporter sign what it sends:
  linkage enrol national police-answer.json
  linkage body list national

\b
To review pairs:
  linkage export links national --review --out review.csv
  linkage explain national police/pol-17 school/2026/0042 --svg pair.svg

\b
To erase what is older than a rule allows; what reporters withdraw is erased when it is received:
  linkage erase national --before 2021-01-01 --dry-run

\b
To take away, once pairs are reviewed, what different persons have in common:
  linkage purge national --dry-run

\b
To see what was done and by whom, and that nobody has changed the log; keep the head elsewhere:
  linkage audit list national --since 2026-03-01
  linkage audit head national
  linkage audit verify national --head HEX

\b
When the codebook changes; older versions are accepted beside the new one until they end:
  linkage codebook add national cases-2.json --map map.json --accept-old-until 2028-06-30

Receive and link again whenever new submissions arrive. 'linkage COMMAND --help' shows what each command prints."""

app = Application(
    name="linkage",
    help=PURPOSE,
    epilog=f"{_ORDER}\n\n{exit_statuses({70: 'a bug in the library', 130: 'interrupted'})} "
    "'linkage COMMAND --help' has the others.",
)
keys = Application(
    help="Make the key of a unit, say what a key file holds, and put keys under a pass phrase.",
    epilog=key.NEW_EXAMPLE,
)
exports = Application(
    help="Write persons or links to a file: CSV, Parquet or a workbook.",
    epilog="\b\nExample: linkage export persons national --out persons.csv",
)
enrolled = Application(
    help="See which reporters are enrolled; suspend, resume or revoke one, or give it a new key.",
    epilog=body.LIST_EXAMPLE,
)
audits = Application(
    help="Read the log of every act, verify that nobody has changed it, print its head, and repeat the latest run.",
    epilog=audit.VERIFY_EXAMPLE,
)
held_files = Application(
    help="See which files wait for a decision, and dismiss those that should not be received.",
    epilog="\b\nExample: linkage held list national",
)
rosters = Application(
    help="Say who is to report; coverage is judged by it, and what others send is held back.",
    epilog="\b\nExample: linkage roster import national roster.csv",
)
samples = Application(
    help="Ask reporters about a sample of records, so that ranges rest on answers and not on an assumption.",
    epilog=sample.DRAW_EXAMPLE,
)
notices = Application(
    help="Tell the linkage unit which records are live; for units that are apart.",
    epilog=messages.NOTICE_MAKE_EXAMPLE,
)
hand_overs = Application(
    help="Tell the statistics unit which person each record is; for units that are apart.",
    epilog=messages.HAND_OVER_MAKE_EXAMPLE,
)
codebooks = Application(
    help="Add a version of the codebook, end an older one, and see which series break.",
    epilog=codebook.ADD_EXAMPLE,
)


@app.callback(help=PURPOSE)
def _options(
    ctx: typer.Context,
    actor: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="LINKAGE_ACTOR",
            help="Who acts, for the audit log. Default: the account of the operating system, which it has anyway.",
        ),
    ] = None,
    version: Annotated[bool, version_option("linkage")] = False,
) -> None:
    """Take the options of the command line as a whole."""
    if actor is not None:
        ctx.with_resource(acting_as(checked_name(actor, option="--actor")))


def _end(name: str, example: str) -> str:
    """Return the end of the help of a command: an example, and its exit statuses."""
    return f"{example}\n\n{exit_statuses(STATUSES[name])}"


# Help lists the commands in this order.
app.command(epilog=_end("init", init.EXAMPLE))(init.init)
app.add_typer(keys, name="key")
keys.command("new", epilog=_end("key new", key.NEW_EXAMPLE))(key.new)
keys.command("inspect", epilog=_end("key inspect", key.INSPECT_EXAMPLE))(key.inspect)
keys.command("wrap", epilog=_end("key wrap", key.WRAP_EXAMPLE))(key.wrap)
keys.command("unwrap", epilog=_end("key unwrap", key.UNWRAP_EXAMPLE))(key.unwrap)
app.command(epilog=_end("invite", invite.EXAMPLE))(invite.invite)
app.command(epilog=_end("receive", receive.EXAMPLE))(receive.receive)
app.command(epilog=_end("receipt", receipt.EXAMPLE))(receipt.receipt)
app.command(epilog=_end("link", link.EXAMPLE))(link.link)
app.command(epilog=_end("status", status.EXAMPLE))(status.status)
app.command(epilog=_end("summary", summary.EXAMPLE))(summary.summary)
app.command(epilog=_end("table", table.EXAMPLE))(table.table)
app.command(epilog=_end("overlap", overlap.EXAMPLE))(overlap.overlap)
app.command(epilog=_end("bodies", bodies.EXAMPLE))(bodies.bodies)
app.command("compare-definitions", epilog=_end("compare-definitions", definitions.EXAMPLE))(
    definitions.compare_definitions
)
app.command(epilog=_end("privacy", privacy.EXAMPLE))(privacy.privacy)
app.command(epilog=_end("coverage", coverage.EXAMPLE))(coverage.coverage)
app.command(epilog=_end("totals", totals.EXAMPLE))(totals.totals)
app.command(epilog=_end("explain", explain.EXAMPLE))(explain.explain)
app.command(epilog=_end("erase", erase.EXAMPLE))(erase.erase)
app.command(epilog=_end("purge", purge.EXAMPLE))(purge.purge)
app.command(epilog=_end("enrol", body.ENROL_EXAMPLE))(body.enrol)
app.add_typer(enrolled, name="body")
enrolled.command("list", epilog=_end("body list", body.LIST_EXAMPLE))(body.list_bodies)
enrolled.command("suspend", epilog=_end("body suspend", body.SUSPEND_EXAMPLE))(body.suspend)
enrolled.command("resume", epilog=_end("body resume", body.RESUME_EXAMPLE))(body.resume)
enrolled.command("replace", epilog=_end("body replace", body.REPLACE_EXAMPLE))(body.replace)
enrolled.command("revoke", epilog=_end("body revoke", body.REVOKE_EXAMPLE))(body.revoke)
app.command(epilog=_end("policy", policy.EXAMPLE))(policy.policy)
app.add_typer(audits, name="audit")
audits.command("verify", epilog=_end("audit verify", audit.VERIFY_EXAMPLE))(audit.verify)
audits.command("repeat", epilog=_end("audit repeat", audit_repeat.EXAMPLE))(audit_repeat.repeat)
audits.command("head", epilog=_end("audit head", audit.HEAD_EXAMPLE))(audit.head)
audits.command("list", epilog=_end("audit list", audit.LIST_EXAMPLE))(audit.list_entries)
app.add_typer(held_files, name="held")
held_files.command("list", epilog=_end("held list", held.LIST_EXAMPLE))(held.list_files)
held_files.command("dismiss", epilog=_end("held dismiss", held.DISMISS_EXAMPLE))(held.dismiss)
app.add_typer(rosters, name="roster")
rosters.command("import", epilog=_end("roster import", roster.IMPORT_EXAMPLE))(roster.import_file)
rosters.command("list", epilog=_end("roster list", roster.LIST_EXAMPLE))(roster.list_entries)
rosters.command("set", epilog=_end("roster set", roster.SET_EXAMPLE))(roster.set_entry)
rosters.command("end", epilog=_end("roster end", roster.END_EXAMPLE))(roster.end)
rosters.command("remove", epilog=_end("roster remove", roster.REMOVE_EXAMPLE))(roster.remove)
rosters.command("kinds", epilog=_end("roster kinds", roster.KINDS_EXAMPLE))(roster.kinds)
app.add_typer(samples, name="sample")
samples.command("draw", epilog=_end("sample draw", sample.DRAW_EXAMPLE))(sample.draw)
samples.command("questions", epilog=_end("sample questions", sample.QUESTIONS_EXAMPLE))(sample.questions)
samples.command("answers", epilog=_end("sample answers", sample.ANSWERS_EXAMPLE))(sample.answers)
samples.command("status", epilog=_end("sample status", sample.STATUS_EXAMPLE))(sample.status)
app.add_typer(notices, name="notice")
notices.command("make", epilog=_end("notice make", messages.NOTICE_MAKE_EXAMPLE))(messages.notice_make)
notices.command("take", epilog=_end("notice take", messages.NOTICE_TAKE_EXAMPLE))(messages.notice_take)
app.add_typer(hand_overs, name="hand-over")
hand_overs.command("make", epilog=_end("hand-over make", messages.HAND_OVER_MAKE_EXAMPLE))(messages.hand_over_make)
hand_overs.command("take", epilog=_end("hand-over take", messages.HAND_OVER_TAKE_EXAMPLE))(messages.hand_over_take)
app.add_typer(codebooks, name="codebook")
codebooks.command("add", epilog=_end("codebook add", codebook.ADD_EXAMPLE))(codebook.add)
codebooks.command("list", epilog=_end("codebook list", codebook.LIST_EXAMPLE))(codebook.list_codebooks)
codebooks.command("end", epilog=_end("codebook end", codebook.END_EXAMPLE))(codebook.end)
codebooks.command("breaks", epilog=_end("codebook breaks", codebook.BREAKS_EXAMPLE))(codebook.breaks)
app.add_typer(exports, name="export")
exports.command(epilog=_end("export persons", export.PERSONS_EXAMPLE))(export.persons)
exports.command(epilog=_end("export links", export.LINKS_EXAMPLE))(export.links)
