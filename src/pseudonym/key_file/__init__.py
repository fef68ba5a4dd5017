"""One form for the files of all secret keys, and the handle that a program holds in place of a key.

A key file has one line that is not a comment (`text`). It may be wrapped under a pass phrase (`wrap`); then whoever
reads it is asked for that (`passphrases`).
"""

from __future__ import annotations

from pseudonym.key_file.files import (
    KeyFile,
    KeyFileSizeError,
    KeyFileWarning,
    draw_secret,
    read_key_file,
    save_key,
)
from pseudonym.key_file.handle import KeyHandle
from pseudonym.key_file.passphrases import KeyLockedError, asking, asking_nobody
from pseudonym.key_file.text import (
    SECRET_BYTES,
    KeyTextError,
    format_key,
    format_line,
    parse_key,
    parse_line,
)
from pseudonym.key_file.wrap import MIN_CHARACTERS, is_wrapped, unwrap, wrap

__all__ = [
    "MIN_CHARACTERS",
    "SECRET_BYTES",
    "KeyFile",
    "KeyFileSizeError",
    "KeyFileWarning",
    "KeyHandle",
    "KeyLockedError",
    "KeyTextError",
    "asking",
    "asking_nobody",
    "draw_secret",
    "format_key",
    "format_line",
    "is_wrapped",
    "parse_key",
    "parse_line",
    "read_key_file",
    "save_key",
    "unwrap",
    "wrap",
]
