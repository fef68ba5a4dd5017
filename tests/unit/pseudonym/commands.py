"""Run the command of a reporter in this process."""

from __future__ import annotations

import pytest

from pseudonym.cli import main


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run a command; give its status and what it printed."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err
