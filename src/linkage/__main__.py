"""The command `linkage`, also as `python -m linkage`; Ctrl-C ends it with one line from its first import on."""

from __future__ import annotations

from pseudonym.interrupt import loading

__all__ = ["main"]


def main() -> None:
    """Load the command, run it, and exit with its status."""
    with loading():
        from linkage.cli import main as run
        from pseudonym.own_process import prepare_process

        prepare_process()
        run()


if __name__ == "__main__":
    main()
