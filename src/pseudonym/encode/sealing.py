"""Seal what a reporter writes for the units that its invite names, so that no open file is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pseudonym.codebook import Codebook
from pseudonym.encode.arguments import as_key
from pseudonym.enrolment import Invite, read_invite
from pseudonym.enrolment.document import enrolment_error
from pseudonym.keyed import BodyKey, LinkageKey
from pseudonym.output import Outputs, check_target
from pseudonym.profile import Profile
from pseudonym.wire import SEALED, SealedHeader
from pseudonym.wire.sealed import seal

__all__ = ["Sealer", "Target"]


@dataclass(slots=True)
class Target:
    """Where the open file is written that will be sealed.

    Attributes:
        path: Its path, under which it never appears.
        outputs: The group of outputs that it belongs to.
        header: The header of the sealed file, once the block has ended.
    """

    path: Path
    outputs: Outputs
    header: SealedHeader | None = None


class Sealer:
    """Seal files of one reporter for the registry that has invited it."""

    def __init__(self, invite: Invite | str | Path, body_key: BodyKey | str | Path, *, reporter: str) -> None:
        """Prepare.

        Args:
            invite: The invite, or the path of its file. Its keys are those of the registry if their fingerprints were
                compared when it was answered.
            body_key: The reporter's own key, or the path of its file.
            reporter: The code of the reporter.

        Raises:
            EnrolmentError: As for `read_invite`; `invite.incomplete` if only one unit has signed it,
                `invite.other_reporter` if it is for another reporter.
            KeyFileError: As for `BodyKey.load`.

        Sees: key
        """
        self._invite = invite if isinstance(invite, Invite) else read_invite(invite)
        if not self._invite.is_complete:
            raise enrolment_error(Invite, "incomplete")
        if self._invite.reporter != reporter:
            raise enrolment_error(Invite, "other_reporter", field="reporter")
        self._body_key = body_key if isinstance(body_key, BodyKey) else BodyKey.load(body_key)

    def __repr__(self) -> str:
        """Show the reporter."""
        return f"<Sealer {self._invite.reporter}>"

    def check(self, key: LinkageKey | str | Path, profile: Profile | None = None) -> None:
        """Refuse what the registry would refuse, before anything is encoded.

        Args:
            key: The linkage key, or the path of its file.
            profile: The profile, for submissions.

        Raises:
            EnrolmentError: `invite.other_linkage_key` if the invite names another key or epoch, `invite.other_profile`
                if it names another profile.
            KeyFileError: As for `LinkageKey.load`.

        Sees: key
        """
        used, invite = as_key(key), self._invite
        if (invite.key_id or used.key_id, invite.epoch or used.epoch) != (used.key_id, used.epoch):
            raise enrolment_error(Invite, "other_linkage_key", field="key_id")
        if profile is not None and invite.profile.digest != profile.digest:
            raise enrolment_error(Invite, "other_profile", field="profile")

    @contextmanager
    def sealing(
        self,
        path: str | Path,
        *,
        profile: Profile | None = None,
        codebook: Codebook | None = None,
        outputs: Outputs | None = None,
    ) -> Iterator[Target]:
        """Seal what is written in the block.

        Args:
            path: The sealed file; only an older one is replaced.
            profile: The profile of a submission.
            codebook: The codebook of a submission or of totals.
            outputs: A group of outputs to which the sealed file belongs; it then appears when the group is committed.

        Yields:
            Where to write the open file: one submission, withdrawal or totals, which is removed after the block.

        Raises:
            SubmissionError: As for `pseudonym.wire.sealed.seal`.
            OutputError: As for `pseudonym.output.Outputs.add` and `Outputs.commit`.

        Sees: key
        """
        # Refused before the work.
        target = check_target(path, SEALED)
        with Outputs() as hidden:
            open_file = Target(target.with_name(f".{target.name}.open"), hidden)
            yield open_file
            (part,) = hidden.paths
            open_file.header = seal(
                part,
                path,
                signer=self._body_key,
                recipients=self._invite.public_keys,
                profile=profile,
                codebook=codebook,
                outputs=outputs,
            )
