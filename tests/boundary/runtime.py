"""Import modules in a fresh interpreter and see what that loaded.

This is the second proof of the walls: it finds what no reading of sources can, such as a name put together at run time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PROGRAM: Final = """
import importlib, json, sys
order = json.loads(sys.argv[1])
for name in order["blocked"]:
    sys.modules[name] = None
for name in order["modules"]:
    importlib.import_module(name)
print(json.dumps(sorted(name for name, module in sys.modules.items() if module is not None)))
"""


def loaded_by(src: Path, modules: Iterable[str], *, blocked: Iterable[str] = ()) -> set[str]:
    """Import `modules` in a new interpreter and name all modules that are loaded afterwards.

    Args:
        src: The folder that holds the packages; it is found before any installed copy.
        modules: What to import, in this order.
        blocked: Packages that cannot be imported, as if they were not installed.

    Returns:
        The names of all loaded modules.

    Raises:
        AssertionError: A module cannot be imported; the message is what the interpreter printed.
    """
    order = json.dumps({"modules": list(modules), "blocked": list(blocked)})
    # An interpreter that neither reads nor writes compiled files judges the sources of `src` and nothing else.
    environment = {**os.environ, "PYTHONPATH": str(src), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, order], env=environment, capture_output=True, text=True, check=False, cwd=src
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))
