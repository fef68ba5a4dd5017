"""Run a peer on a folder: `python -I workers PEER FOLDER`, with the interpreter of an environment that has the peer."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from common import Job

if __name__ == "__main__":
    importlib.import_module(f"{sys.argv[1]}_worker").link(Job(Path(sys.argv[2])))
