"""Write the configuration file of a reporter, with comments for whoever edits it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pseudonym.cli.config import FORMAT, Members
from pseudonym.output import Kind

__all__ = ["CONFIG", "toml_text", "write_document"]

CONFIG: Final = Kind("configuration", lambda file: f'format = "{FORMAT}"'.encode() in file.read(1000))
"""A configuration that says that it is one."""

HEAD: Final = """\
# How the files of this reporter are read: pseudonym encode INPUT --config THIS-FILE --period ... --out ...
# Options of the command line win over it. Paths are relative to this file. A line that begins with # has no effect.
"""

MEMBERS: Final = {
    "reporter": ('"police"', "code of the reporter"),
    "key": ('"linkage.key"', "path of the linkage key, never the key itself"),
    "body_key": ('"body.key"', "path of the reporter's own key"),
    "to": ('"invite.json"', "path of the registry's invite, for whose units files are sealed"),
    "codebook": ('"case-registry"', "name of a codebook, or its file"),
    "profile": ('"case-registry"', "name of a profile, or its file"),
    "sheet": ('"Blad1"', "sheet of a workbook"),
    "header_row": ("1", "row of the header"),
    "encoding": ('"cp1252"', "encoding of a text file"),
    "delimiter": ('";"', "delimiter of a text file"),
    "separator": ('"|"', "between several values in one cell"),
    "date_order": ('"dmy"', "dmy or mdy, for dates that end with the year"),
    "keep_empty": ("false", "whether records without any identity are sent"),
    "derived": ("true", "whether items that the codebook declares are filled in from the identity"),
}
"""Members in the order of the file, each with an example and what it is."""

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def toml_text(text: str) -> str:
    r"""Return a text as a basic string of TOML.

    >>> print(toml_text('Kommun "A"\t'))
    "Kommun \"A\"\t"

    Sees: neither
    """
    return '"' + "".join(_ESCAPES.get(sign) or (sign if sign.isprintable() else _escape(sign)) for sign in text) + '"'


def write_document(members: Members, recognised: Mapping[str, Any]) -> str:
    """Return the text of a configuration file.

    Args:
        members: What it says.
        recognised: For members that it leaves out, what was recognised; shown as a comment.

    Returns:
        TOML that `read_config` reads back as these members.

    Sees: neither
    """
    return "\n".join([HEAD, *_lines(members, recognised)]) + "\n"


def _lines(members: Members, recognised: Mapping[str, Any]) -> Iterator[str]:
    yield f'format = "{FORMAT}"'
    for name, (example, meaning) in MEMBERS.items():
        value = getattr(members, name)
        if value is not None:
            yield f"{name} = {_value(value)}  # {meaning}"
        elif name in recognised:
            yield f"# {name} = {_value(recognised[name])}  # {meaning}; as recognised"
        else:
            yield f"# {name} = {example}  # {meaning}"
    yield "\n# The header of each field. A file without one of these columns is refused.\n[columns]"
    yield from (f"{_key(field)} = {toml_text(header)}" for field, header in members.columns.items())
    yield "\n# Values for fields that the files have no column for.\n[defaults]"
    yield from (f"{_key(field)} = {toml_text(value)}" for field, value in members.defaults.items())
    if "role" not in members.defaults:
        yield '# role = "victim"'


def _value(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else toml_text(value)


def _key(text: str) -> str:
    return text if text.isascii() and text.replace("_", "").replace("-", "").isalnum() else toml_text(text)


def _escape(sign: str) -> str:
    return f"\\u{ord(sign):04X}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08X}"
