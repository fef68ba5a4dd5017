"""What a dry run and its options say, as the members of a configuration file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from pseudonym.cli.config import INPUT_MEMBERS, Config, Members
from pseudonym.cli.options import InputOptions, read_columns
from pseudonym.codebook import codebook_names
from pseudonym.identity.dry_run import DryRun

__all__ = ["members_of", "recognised"]

PATHS: Final = ("key", "body_key", "to", "codebook", "profile")


def members_of(
    found: DryRun, options: InputOptions, config: Config | None, *, codebook: str | None, derived: bool, folder: Path
) -> Members:
    """Return a configuration by which a file like this one is read in the same way.

    Args:
        found: The dry run, which tells the columns.
        options: The options by which the file was read.
        config: The configuration that was used, whose other members are kept; None if there was none.
        codebook: The codebook: a file, or the name of a shipped one.
        derived: Whether items are filled in from the identity.
        folder: The folder of the new file, from which its paths are given.

    Sees: neither
    """
    used: dict[str, Any] = {} if config is None else config.options()
    used |= {name: getattr(options, name, None) for name in INPUT_MEMBERS if getattr(options, name, None)}
    if codebook is not None:
        used["codebook"] = codebook
    if not derived:
        used["derived"] = False
    for name in PATHS:
        if name in used:
            used[name] = _from_folder(str(used[name]), folder)
    headers = found.file.columns.headers
    return Members(
        **used,
        columns={field: headers[field] for field in found.file.fields if field in headers}
        | read_columns(options.column),
        defaults={} if config is None else config.members.defaults,
    )


def recognised(found: DryRun) -> dict[str, Any]:
    """Return what the program recognised by itself, for members that a configuration need not have.

    Sees: neither
    """
    return {name: value for name, value in found.form().items() if name in {"encoding", "delimiter"}}


def _from_folder(name: str, folder: Path) -> str:
    """Return a path relative to a folder; what is no path stays."""
    if name in codebook_names() or not (Path(name).is_absolute() or Path(name).exists()):
        return name
    try:
        return Path(os.path.relpath(name, folder)).as_posix()
    except ValueError:
        # On another drive.
        return str(Path(name).resolve())
