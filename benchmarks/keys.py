"""Public keys, so that measurements and the demo can be repeated: `python -m benchmarks.keys LABEL --out FILE`.

A registry draws its own key unless it is told to use one that exists. That key breaks ties, so without a fixed one the
fourth decimal of a figure may vary.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Annotated

import typer

from linkage.keys import RegistryKey
from pseudonym.key_file import format_key, save_key

__all__ = ["fixed_key_text", "fixed_registry_key_text"]


def fixed_key_text(label: str) -> str:
    """Return the text of the file of a linkage key; equal labels give equal keys, and anyone can make them.

    Args:
        label: Distinguishes keys.
    """
    secret = base64.b32encode(hashlib.sha256(label.encode()).digest()).decode().rstrip("=")
    line = f"PSEUDONYM-SECRET-LINKAGE-KEY-1.benchmark.1.{secret}"
    return f"{line}.{hashlib.sha256(line.encode()).hexdigest()[:8]}\n"


def fixed_registry_key_text(label: str) -> str:
    """Return the text of the file of a registry's own key; equal labels give equal keys, and anyone can make them.

    Args:
        label: Distinguishes keys.
    """
    return format_key(
        RegistryKey.LABEL, hashlib.sha256(f"registry {label}".encode()).digest(), comment="# A public key.\n"
    )


def main(
    label: Annotated[str, typer.Argument(help="Equal labels give equal keys.")],
    out: Annotated[Path, typer.Option(help="The new file.")],
    registry: Annotated[bool, typer.Option("--registry", help="A registry's own key, not a linkage key.")] = False,
) -> None:
    """Write a key that is not secret: anyone can make it. For invented people only."""
    save_key(out, fixed_registry_key_text(label) if registry else fixed_key_text(label))
    typer.echo(f"{out}: a public key, for invented people only.")


if __name__ == "__main__":
    typer.run(main)
