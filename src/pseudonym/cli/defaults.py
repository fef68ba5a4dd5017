"""Constant values of a configuration, for fields that an input has no column for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pseudonym.cli.config import Config, config_error
from pseudonym.codebook import Codebook
from pseudonym.encode.cases import IDS, CaseReader
from pseudonym.identity.identities import Identity
from pseudonym.identity.record import Record
from pseudonym.wire import RESERVED

__all__ = ["check_defaults"]


def check_defaults(config: Config | None, book: Codebook | None) -> Mapping[str, str]:
    """Return the constant values of a configuration.

    Args:
        config: The configuration, or None.
        book: The codebook of the payload, or None.

    Returns:
        A value for each field; none without a configuration.

    Raises:
        ConfigError: `config.default_field` for a field that cannot have one, since it tells persons, records or cases
            apart; `config.default` for a value that is none of its field.

    Sees: neither
    """
    defaults = {} if config is None else config.members.defaults
    items = () if book is None else book.item_names
    for name, value in defaults.items():
        if name not in {*RESERVED, *items} - IDS:
            raise config_error("config.default_field", field=f"defaults.{name}")
        given: dict[str, Any] = {"payload": {name: value}} if name in items else {name: value}
        _, faults = CaseReader(book, derive=False)(Record("0", **given), (Identity(),), 0)
        if not value.strip() or any(fault.effect == "left out" for fault in faults):
            raise config_error("config.default", field=f"defaults.{name}")
    return defaults
