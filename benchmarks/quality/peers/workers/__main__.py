"""Run a peer on a folder, with the interpreter of its environment: `python -I workers MODULE FOLDER`.

`-I` keeps out everything outside that environment, except this folder.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from common import Job

if __name__ == "__main__":
    importlib.import_module(sys.argv[1]).link(Job(Path(sys.argv[2])))
