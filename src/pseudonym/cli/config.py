"""The configuration file of a reporter (`--config`): the options that stay the same from delivery to delivery.

A file in TOML, read by hand and by machine. Click takes its members as the defaults of options, so an option of the
command line wins. It holds no identity and no key, only the path of one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pseudonym import profile_names
from pseudonym.codebook import codebook_names
from pseudonym.documents import read_file
from pseudonym.errors import ConfigError, names_its_file
from pseudonym.unreadable import why_unreadable

__all__ = [
    "FORMAT",
    "INPUT_MEMBERS",
    "Config",
    "Members",
    "config_error",
    "config_of",
    "config_option",
    "path_of",
    "read_config",
    "with_columns",
]

FORMAT: Final = "pseudonym-config/1"

INPUT_MEMBERS: Final = (
    "codebook",
    "sheet",
    "header_row",
    "encoding",
    "delimiter",
    "separator",
    "date_order",
    "keep_empty",
    "derived",
)
"""Members that say how an input is read."""

_META: Final = "pseudonym.config"
"""Where the configuration waits in the context of a command, until an option needs it."""

_NAME: Final = re.compile(r"((columns|defaults)\.)?[a-z][a-z0-9_]{0,31}")
"""A member whose name may be shown; in the wrong file a name could be anything."""

_LINE: Final = re.compile(r"at line ([0-9]+)")

_WRITTEN_BY: Final = "'pseudonym check INPUT --write-config FILE' writes one."

RULES: Final[dict[str, tuple[str, str]]] = {
    "config.encoding": ("The configuration file is not text in UTF-8.", "Save it as UTF-8."),
    "config.toml": ("The configuration file is not valid TOML.", 'Write texts in quotes: reporter = "police".'),
    "config.unknown_member": (
        "The configuration has a member that does not exist.",
        "Members are reporter, key, body_key, to, codebook, profile, sheet, header_row, encoding, delimiter, "
        "separator, date_order, keep_empty, derived, [columns] and [defaults].",
    ),
    "config.form": (
        "A member of the configuration has a value of the wrong kind.",
        "Texts are in quotes, header_row is a number, keep_empty and derived are true or false, and [columns] and "
        "[defaults] hold texts only.",
    ),
    "config.default_field": (
        "A default is for a field that cannot have one.",
        "Fields with defaults are role, status, case_state, event_date, report_date, discovered_on, outcome_date, and "
        "the items of the codebook.",
    ),
    "config.default": (
        "A default is no value of its field.",
        "The reference of the codebook, or 'pseudonym codebook show', has the values.",
    ),
}
"""What is wrong with a configuration, and what to do about it."""


def config_error(rule: str, *, field: str | None = None, row: int | None = None) -> ConfigError:
    """Return the error for a rule, to be raised.

    Args:
        rule: A member of `RULES`.
        field: The member of the configuration.
        row: The line of the file.

    Sees: neither
    """
    message, hint = RULES[rule]
    return ConfigError(rule, message, hint=hint, field=field, row=row)


class Members(BaseModel):
    """The members of a configuration; all may be left out, and none is null."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["pseudonym-config/1"] = FORMAT
    reporter: str | None = None
    key: str | None = None
    body_key: str | None = None
    to: str | None = None
    codebook: str | None = None
    profile: str | None = None
    sheet: str | Annotated[int, Field(ge=1)] | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    separator: str | None = None
    date_order: Literal["dmy", "mdy"] | None = None
    keep_empty: bool | None = None
    derived: bool | None = None
    columns: dict[str, str] = {}
    defaults: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration file as read.

    Attributes:
        path: The file.
        members: Its members, paths as they are written.
    """

    path: Path
    members: Members

    def options(self) -> dict[str, Any]:
        """Return the values of options by name, paths resolved from the folder of the file.

        Sees: neither
        """
        values = self.members.model_dump(exclude={"format", "columns", "defaults"}, exclude_none=True)
        if "sheet" in values:
            values["sheet"] = str(values["sheet"])
        shipped = {"key": (), "body_key": (), "to": (), "codebook": codebook_names(), "profile": profile_names()}
        for name, names in shipped.items():
            if name in values and values[name] not in names:
                values[name] = str(self.path.parent / values[name])
        return values


@names_its_file
def read_config(path: str | Path) -> Config:
    """Read a configuration file.

    Args:
        path: The file.

    Returns:
        The configuration.

    Raises:
        ConfigError: `config.unreadable`; `config.encoding`; `config.toml`, with the line as `row`;
            `config.unknown_member` or `config.form`, with the member as `field`.

    Sees: neither
    """
    data = read_file(path)
    if data is None:
        raise ConfigError("config.unreadable", why_unreadable(path).message, hint=_WRITTEN_BY)
    # The parsers' errors hold values, so they are not chained.
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise config_error("config.encoding") from None
    try:
        found = tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        line = _LINE.search(str(error))
        row = None if line is None else int(line[1])
    else:
        return Config(Path(path), _validated(found))
    raise config_error("config.toml", row=row)


def _validated(found: Mapping[str, Any]) -> Members:
    try:
        return Members.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
    # Of a union, the place ends with the name of a type.
    place = ".".join(str(step) for step in first["loc"][: 2 if first["loc"][0] in {"columns", "defaults"} else 1])
    rule = "config.unknown_member" if first["type"] == "extra_forbidden" else "config.form"
    raise config_error(rule, field=place if _NAME.fullmatch(place) else None)


def config_option(*names: str) -> Any:
    """Return the option `--config` of a command.

    Args:
        names: The members that the command uses, by the names of its options; it ignores the others.

    Sees: neither
    """
    return typer.Option(
        "--config",
        metavar="FILE",
        parser=read_config,
        callback=_user(frozenset(names)),
        is_eager=True,
        help="TOML file with options that stay the same; 'pseudonym check --write-config' writes one. Options of the "
        "command line win.",
    )


def _user(names: frozenset[str]) -> Callable[[typer.Context, Config | None], Config | None]:
    def use(ctx: typer.Context, config: Config | None) -> Config | None:
        if config is not None:
            ctx.meta[_META] = config
            ctx.default_map = {name: value for name, value in config.options().items() if name in names}
        return config

    return use


def path_of(config: Config | None) -> Path | None:
    """Return the path of a configuration, or None without one.

    Sees: neither
    """
    return None if config is None else config.path


def config_of(ctx: typer.Context) -> Config | None:
    """Return the configuration of a command, which is read before its other options.

    Sees: neither
    """
    found = ctx.meta.get(_META)
    return found if isinstance(found, Config) else None


def with_columns(ctx: typer.Context, options: list[str] | None) -> list[str] | None:
    """Return the `--column` options with those of the configuration for other fields, as the callback of that option.

    Sees: neither
    """
    config = config_of(ctx)
    if config is None:
        return options
    given = {option.partition("=")[0].strip() for option in options or ()}
    return [f"{field}={header}" for field, header in config.members.columns.items() if field not in given] + [
        *(options or ())
    ]
