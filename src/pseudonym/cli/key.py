"""`pseudonym key`: make keys, say what a key file holds, and put keys under a pass phrase."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from pseudonym.cli.options import Json, check_paths
from pseudonym.cli.statuses import end_of_help
from pseudonym.console import Application, KeyFacts, new_passphrase, print_key, say, wrong_option
from pseudonym.keyed import BodyKey, LinkageKey, load_any_key

__all__ = ["app"]

NEW_EXAMPLE: Final = """\b
Example: pseudonym key new body.key --for body
  Body key written to body.key. Keep it secret, and keep a backup.
  Fingerprint, to be compared by telephone: ..."""

INSPECT_EXAMPLE: Final = """\b
Example: pseudonym key inspect body.key
  body.key: body key, open.
    Fingerprint, to be compared by telephone: ...
    ..."""

WRAP_EXAMPLE: Final = """\b
Example: pseudonym key wrap body.key body-wrapped.key
  Wrapped key written to body-wrapped.key. The old file is as it was: delete it once 'key inspect' opens the new one."""

UNWRAP_EXAMPLE: Final = """\b
Example: pseudonym key unwrap body-wrapped.key body.key
  Open key written to body.key. Whoever can read that file has the key."""

app = Application(
    help="Make keys of a reporter, say what a key file holds, and put keys under a pass phrase.",
    epilog="\n\n".join([NEW_EXAMPLE, INSPECT_EXAMPLE, WRAP_EXAMPLE]),
)

Kind = Literal["linkage", "body"]
KeyFileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A key file.")]
PublicOption = Annotated[bool, typer.Option("--public", help="Print the public key and nothing else.")]
NewFile = Annotated[Path, typer.Argument(metavar="OUT", help="The new file; an existing file is never overwritten.")]
ForOption = Annotated[Kind | None, typer.Option("--for", help="Refuse any other kind of key. Default: either kind.")]


@app.command("new", epilog=end_of_help("key new", NEW_EXAMPLE))
def _new(
    out: NewFile,
    kind: Annotated[
        Kind,
        typer.Option("--for", help="linkage: for all reporters of a project and epoch. body: for one reporter alone."),
    ],
    project: Annotated[str | None, typer.Option(help="Of a linkage key: a-z, 0-9, -. Default: default.")] = None,
    epoch: Annotated[int | None, typer.Option(help="Of a linkage key: its epoch. Default: 1.")] = None,
    wrapped: Annotated[bool, typer.Option("--wrapped", help="Put it under a pass phrase, which is asked for.")] = False,
) -> None:
    """Make a new key.

    A body key is the reporter's own: its handles and signatures come from it, in every epoch. Nobody else may have it.
    A linkage key is the same for all reporters of a project; 'pseudonym keygen' makes one too.
    """
    if kind == "body" and (project is not None or epoch is not None):
        raise wrong_option("--project", "A body key has no project and no epoch.")
    passphrase = new_passphrase() if wrapped else None
    key: BodyKey | LinkageKey
    if kind == "body":
        key = BodyKey.generate()
    else:
        # Not `or`: an empty project and epoch 0 are mistakes, to be refused.
        key = LinkageKey.generate(
            project="default" if project is None else project, epoch=1 if epoch is None else epoch
        )
    key.save(out, passphrase=passphrase)
    if isinstance(key, BodyKey):
        say(f"Body key written to {out}. Keep it secret, and keep a backup.")
        say(f"Fingerprint, to be compared by telephone: {key.public.spoken}")
    else:
        say(f"Linkage key written to {out}. Keep it secret, and away from the registry.")
        say(f"Key id (not secret; the registry may know it): {key.key_id}")


@app.command("inspect", epilog=end_of_help("key inspect", INSPECT_EXAMPLE))
def _inspect(
    key_file: KeyFileArgument, kind: ForOption = None, public: PublicOption = False, as_json: Json = False
) -> None:
    """Show which key a file holds: kind, project, epoch, key id, fingerprint; never the secret.

    With --public only the public key of a body key, one line, which need not be kept secret.
    """
    key, wrapped = load_any_key(key_file, kind=kind)
    print_key(key_file, _facts(key, wrapped), public=public, as_json=as_json)


@app.command("wrap", epilog=end_of_help("key wrap", WRAP_EXAMPLE))
def _wrap(key_file: KeyFileArgument, out: NewFile, kind: ForOption = None) -> None:
    """Write a key to a new file under a pass phrase, or under a new one.

    Every command that reads a key then asks for the pass phrase, or reads it from --passphrase-fd. Without it the key
    is lost, so note it where the key is not.
    """
    check_paths((key_file,), (out,))
    key, _ = load_any_key(key_file, kind=kind)
    key.save(out, passphrase=new_passphrase())
    say(f"Wrapped key written to {out}. The old file is as it was: delete it once 'key inspect' opens the new one.")


@app.command("unwrap", epilog=end_of_help("key unwrap", UNWRAP_EXAMPLE))
def _unwrap(key_file: KeyFileArgument, out: NewFile, kind: ForOption = None) -> None:
    """Write a wrapped key to a new file that needs no pass phrase."""
    check_paths((key_file,), (out,))
    key, _ = load_any_key(key_file, kind=kind)
    key.save(out)
    say(f"Open key written to {out}. Whoever can read that file has the key.")


def _facts(key: LinkageKey | BodyKey, wrapped: bool) -> KeyFacts:
    if isinstance(key, LinkageKey):
        return KeyFacts(kind=key.NOUN, project=key.project, epoch=key.epoch, key_id=key.key_id, wrapped=wrapped)
    public = key.public
    return KeyFacts(
        kind=key.NOUN, fingerprint=public.fingerprint, spoken=public.spoken, public_key=public.text, wrapped=wrapped
    )
