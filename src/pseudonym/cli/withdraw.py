"""`pseudonym withdraw`: have records erased at the registry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym import encode
from pseudonym.cli.config import Config, config_option, path_of
from pseudonym.cli.options import BodyKeyFile, InviteFile, Json, Previous, check_paths, check_period, next_number
from pseudonym.cli.sealing import members_of, say_sealed, sealer_of, written
from pseudonym.console import counted, offering, periods, print_json, say, wrong_option
from pseudonym.errors import InputError
from pseudonym.keyed import LinkageKey
from pseudonym.unreadable import why_unreadable
from pseudonym.wire import WithdrawalHeader

__all__ = ["EXAMPLE", "withdraw"]

MAX_LIST_BYTES: Final = 1 << 26
"""A list of ids is text of some characters per line; a larger file is something else."""

EXAMPLE: Final = """\b
Example: pseudonym withdraw --key linkage.key --reporter police --record 17 --case 2026/0042 \
--out police-withdrawal.parquet
  police-withdrawal.parquet: a withdrawal of 1 record and 1 case, sequence ...

\b
Of a month that was delivered by mistake:
  pseudonym withdraw --everything --period 2026-03 --key linkage.key --reporter police \
--out police-withdrawal.parquet"""


def withdraw(  # Typer needs one parameter per option.
    key: Annotated[Path, typer.Option(help="The linkage key file; only its key id and epoch are sent.")],
    reporter: Annotated[str, typer.Option(help="Code of the reporter, as for encode.")],
    out: Annotated[
        Path, typer.Option(help="The withdrawal to write (Parquet); replaces an older one. With --to, the sealed file.")
    ],
    config: Annotated[Config | None, config_option("key", "body_key", "to", "reporter")] = None,
    body_key: BodyKeyFile = None,
    to: InviteFile = None,
    record: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A record to withdraw, by its record_id. Repeatable.")
    ] = None,
    case: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A case to withdraw with all its records. Repeatable.")
    ] = None,
    records: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Text file (UTF-8) of record ids to withdraw, one per line.")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Text file (UTF-8) of case ids to withdraw, one per line.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Withdraw all that the reporter has sent, or all of --period.")
    ] = False,
    period: Annotated[
        str | None,
        typer.Option(
            help="With --everything: only what was last sent for 2026-03, or for 2026 in all.",
            autocompletion=offering(periods),
        ),
    ] = None,
    sequence: Annotated[
        int | None,
        typer.Option(min=0, help="Number of this withdrawal; must increase. Default: time in milliseconds."),
    ] = None,
    previous: Previous = None,
    as_json: Json = False,
) -> None:
    """Write a withdrawal: the registry erases what it names, with all older versions.

    Send the file to the registry like a submission. It needs a higher sequence number than everything sent before, and
    what was sent before cannot be received after it. It names records and cases by the ids that were sent with them.
    A withdrawn record that is reported again is a new record; under a new record_id nothing at the registry joins it to
    the old one. With --to and --body-key it is sealed for the statistics unit, which alone has these ids.
    """
    check_period(period)
    check_paths((key, body_key, to, previous, path_of(config), records, cases), (out,))
    record_ids, case_ids = [*(record or []), *_read_ids(records)], [*(case or []), *_read_ids(cases)]
    named = bool(record_ids or case_ids)
    # A list without ids beside --everything is refused too: ids were meant.
    if everything == named or (everything and (records is not None or cases is not None)):
        raise wrong_option("--everything", "Name records or cases to withdraw, or use --everything.")
    linkage_key, sealer = LinkageKey.load(key), sealer_of(to, body_key, reporter=reporter)
    if sealer is not None:
        sealer.check(linkage_key)
    number, before = next_number(sequence, previous)
    with written(sealer, out) as file:
        header = encode.withdraw(
            file.path,
            linkage_key,
            reporter=reporter,
            sequence=number,
            records=record_ids,
            cases=case_ids,
            everything=everything,
            period=period,
            previous=before,
            outputs=file.outputs,
        )
    if as_json:
        print_json({"out": str(out), **members_of(header, file.sealed)})
    else:
        say(f"{out}: a withdrawal of {_what(header)}, sequence {header.sequence}.")
        say_sealed(file.sealed)


def _what(header: WithdrawalHeader) -> str:
    if header.everything:
        return "everything" if header.period is None else f"everything of period {header.period}"
    return f"{counted(header.records, 'record')} and {counted(header.cases, 'case')}"


def _read_ids(path: Path | None) -> Sequence[str]:
    """Return the ids of a list, without blank lines; no id is ever shown."""
    if path is None:
        return ()
    try:
        with path.open("rb") as file:
            data = file.read(MAX_LIST_BYTES + 1)
        if len(data) > MAX_LIST_BYTES:
            raise _not_a_list(path)
        # Only line feeds separate ids: str.splitlines would cut at characters that may stand in one.
        lines = [line.removesuffix("\r") for line in data.decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError:
        raise _not_a_list(path) from None
    except (OSError, ValueError) as error:
        why = why_unreadable(path, error)
        raise InputError("input.unreadable", why.message, hint=why.hint, path=path) from None
    return [line for line in lines if line]


def _not_a_list(path: Path) -> InputError:
    return InputError("withdrawal.list", "A list of ids is a text file in UTF-8 with one id per line.", path=path)
