"""Run the command `pseudonym` as `python -m pseudonym`."""

from __future__ import annotations

from pseudonym.cli import main

if __name__ == "__main__":
    main()
