"""What `--to` does: the file of a command is sealed for the units that an invite names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pseudonym.codebook import Codebook
from pseudonym.console import say, wrong_option
from pseudonym.encode import Sealer
from pseudonym.encode.sealing import Target
from pseudonym.keyed import BodyKey
from pseudonym.output import Kind, Outputs
from pseudonym.profile import Profile
from pseudonym.wire import SEALED, SealedHeader

__all__ = ["Written", "kind_of", "members_of", "say_sealed", "sealer_of", "written"]


@dataclass(slots=True)
class Written:
    """Where a command writes its file, open or to be sealed.

    Attributes:
        path: The path for the open file.
        outputs: The group of outputs that the open file belongs to, if there is one.
        target: What is known of a file to be sealed; None for an open file.
    """

    path: Path
    outputs: Outputs | None
    target: Target | None = None

    @property
    def sealed(self) -> SealedHeader | None:
        """The header of the sealed file, once it is written; None for an open file."""
        return None if self.target is None else self.target.header


def sealer_of(to: Path | None, body_key: BodyKey | Path | None, *, reporter: str) -> Sealer | None:
    """Return what seals the file of a command, or None if it stays open.

    Args:
        to: The value of `--to`.
        body_key: The value of `--body-key`, or the key in that file.
        reporter: The code of the reporter.

    Raises:
        typer.BadParameter: There is an invite and no key to sign with.
        EnrolmentError: As for `Sealer`.
        KeyFileError: As for `Sealer`.

    Sees: key
    """
    if to is None:
        return None
    if body_key is None:
        raise wrong_option("--to", "Add --body-key with the reporter's own key, which signs what is sealed.")
    return Sealer(to, body_key, reporter=reporter)


def kind_of(sealer: Sealer | None, kind: Kind) -> Kind:
    """Return the kind of file that a command writes: sealed, or its own.

    Sees: neither
    """
    return kind if sealer is None else SEALED


@contextmanager
def written(
    sealer: Sealer | None,
    out: Path,
    *,
    profile: Profile | None = None,
    codebook: Codebook | None = None,
    outputs: Outputs | None = None,
) -> Iterator[Written]:
    """Write a file in the block, and seal it after that if there is a sealer.

    Args:
        sealer: What `sealer_of` returned.
        out: The path of the file in the end.
        profile: The profile of a submission.
        codebook: The codebook of a submission or of totals.
        outputs: The group of outputs to which that file belongs.

    Yields:
        Where to write the open file.

    Raises:
        SubmissionError: As for `Sealer.sealing`.
        OutputError: As for `Sealer.sealing`.

    Sees: key
    """
    if sealer is None:
        yield Written(out, outputs)
        return
    with sealer.sealing(out, profile=profile, codebook=codebook, outputs=outputs) as target:
        yield Written(target.path, target.outputs, target)


def members_of(header: Any, sealed: SealedHeader | None) -> dict[str, Any]:
    """Return what `--json` says of the header of a file, and of that of the sealed file.

    Args:
        header: The header of the open file.
        sealed: The header of the sealed file; None if it stays open.

    Returns:
        `header`, `digest` (of the file that is there to be sent), and `sealed` if it is sealed.

    Sees: neither
    """
    if sealed is None:
        return {"header": header.members(), "digest": header.digest}
    return {"header": header.members(), "digest": sealed.digest, "sealed": sealed.members()}


def say_sealed(header: SealedHeader | None) -> None:
    """Print for whom a file was sealed, if it was.

    Args:
        header: Its header, or None.

    Sees: neither
    """
    if header is not None:
        units = " and the ".join(f"{part.unit} unit" for part in header.parts)
        say(f"Sealed for the {units}, and signed by {header.reporter}.")
