"""Run the command `linkage` as `python -m linkage`."""

from __future__ import annotations

from linkage.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
