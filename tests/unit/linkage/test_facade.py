"""The names that `from linkage import ...` offers, and what importing the package costs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import linkage
import pseudonym

_HEAVY = ("duckdb", "numba", "numpy", "pyarrow", "pydantic", "scipy")

_WITHOUT_THE_EXTRA = """
import sys
for name in ("duckdb", "numba", "scipy", "matplotlib"):
    sys.modules[name] = None
import linkage
loaded = [name for name in sys.argv[1:] if sys.modules.get(name)]
from linkage import LinkageError, RefusedError, __version__, codebook_names
try:
    from linkage import Summary
except LinkageError as error:
    print(loaded, __version__, codebook_names(), error.rule)
"""


def test_every_offered_name_can_be_imported():
    from linkage import LinkReport, Receipt, RefusedError, Registry, Summary, __version__, codebook_names

    assert all(isinstance(kind, type) for kind in (LinkReport, Receipt, Registry, Summary))
    assert issubclass(RefusedError, linkage.LinkageError)
    assert "case-registry" in codebook_names()
    assert __version__ == pseudonym.__version__
    assert set(linkage.__all__) <= set(dir(linkage))


def test_another_name_is_an_attribute_error():
    name = "Registrar"
    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        getattr(linkage, name)


def test_the_import_is_light_and_works_without_the_extra():
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_THE_EXTRA, *_HEAVY],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr == ""
    assert done.stdout == f"[] {pseudonym.__version__} {pseudonym.codebook.codebook_names()} extra.registry\n"
