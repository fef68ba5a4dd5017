"""The walls between the colours stand, proved by reading every source and by importing it in a fresh interpreter.

Each wall was broken on purpose, and these tests failed each time. The breaks are kept: every one is planted in a copy
of the sources, and the check has to report it at that file.

Seen by reading:

1.  linkage imports the key module at the top of a file
2.  linkage imports it inside a function
3.  linkage imports it under TYPE_CHECKING
4.  linkage imports `from pseudonym import keys`
5.  linkage imports the whole of pseudonym, or a name that `pseudonym/__init__` passes on
6.  linkage imports it with importlib.import_module and a constant name, under an alias too
7.  linkage imports something computed with importlib.import_module
8.  linkage imports with __import__, constant and computed, and through builtins
9.  linkage takes a module from sys.modules, or passes sys on as a value
10. linkage runs text with exec and eval, or a module with runpy
11. linkage loads a file with importlib.util, or walks packages with pkgutil
12. linkage climbs out of its package with a relative import
13. linkage reaches a module as an attribute of a package
14. linkage imports the cipher that the linkage key drives
15. a module that sees a person's data imports the key, and the other way round
16. the profile, the submission file or `pseudonym/__init__` imports the key (so that linkage would load it unawares)
17. a module of the base imports a package of an extra
18. a stage imports another stage, relative imports included, or an engine; a stage imports the pipeline
19. a module imports benchmarks, tests, the network, pickle or another program
20. a new module has no colour, or no place in linkage
21. a file that can be imported but not read

Seen by running:

22. importing linkage loads the key module by a name that is put together at run time from an object nobody suspects
23. importing `pseudonym` loads the key module
24. a module that sees a person's data loads the key, and the other way round
25. a module of the base needs a package of an extra
"""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.boundary.colours import (
    CLEAR,
    KEYED,
    MIXED,
    NEUTRAL,
    PLACES,
    STAGES,
    check,
    colour,
    declared_packages,
    within,
)
from tests.boundary.runtime import loaded_by
from tests.boundary.sources import modules_below
from tests.paths import ROOT

SRC: Final = ROOT / "src"
PYPROJECT: Final = ROOT / "pyproject.toml"

STAGE: Final = "linkage.persons.identity"
FAR_STAGE: Final = "linkage.answers.export"


@pytest.fixture(scope="module")
def whole_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources."""
    folder = tmp_path_factory.mktemp("tree") / "src"
    return Path(shutil.copytree(SRC, folder, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def tree(whole_tree: Path) -> Iterator[Path]:
    """A copy of the sources, to be broken; one copy serves all, and is mended after each test."""
    yield whole_tree
    for path in [path for path in whole_tree.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]:
        origin = SRC / path.relative_to(whole_tree)
        if not origin.exists():
            path.unlink()
        elif not filecmp.cmp(path, origin):
            shutil.copy2(origin, path)


def plant(tree: Path, module: str, code: str) -> None:
    """Add code at the end of a module, or make the module."""
    place = tree / module.replace(".", "/")
    path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{code}\n", encoding="utf-8")


def extras() -> frozenset[str]:
    """The packages that only extras install."""
    declared = declared_packages(PYPROJECT)
    return frozenset().union(*declared.values()) - declared["pseudonym"]


# The tree as it stands.


def test_the_sources_break_no_rule() -> None:
    assert [str(finding) for finding in check(SRC, PYPROJECT)] == []


def test_every_colour_and_every_stage_has_modules_to_judge() -> None:
    names = modules_below(SRC).keys()
    for place in (*NEUTRAL, *CLEAR, *KEYED, *MIXED, *STAGES, *PLACES):
        assert any(within(name, [place]) for name in names), f"{place} is gone: the rule about it judges nothing"


@pytest.mark.whole
def test_importing_all_of_linkage_loads_nothing_of_persons_or_keys() -> None:
    blind = [name for name in modules_below(SRC) if colour(name) == "blind" and not name.endswith("__main__")]
    loaded = loaded_by(SRC, blind)
    assert set(blind) <= loaded
    assert sorted(name for name in loaded if within(name, ["pseudonym"]) and colour(name) != "neutral") == []
    assert sorted(name for name in loaded if within(name, ["cryptography.hazmat.primitives.ciphers"])) == []


def test_importing_pseudonym_loads_neutral_modules_only() -> None:
    loaded = loaded_by(SRC, ["pseudonym"])
    assert sorted(name for name in loaded if within(name, ["pseudonym"]) and colour(name) != "neutral") == []
    assert not any(within(name, ["cryptography"]) for name in loaded)


@pytest.mark.whole
@pytest.mark.parametrize(("these", "others"), [(CLEAR, "keyed"), (KEYED, "clear")])
def test_clear_modules_load_no_keyed_ones_nor_the_reverse(these: tuple[str, ...], others: str) -> None:
    loaded = loaded_by(SRC, [name for name in modules_below(SRC) if within(name, these)])
    assert [name for name in these if name not in loaded] == []
    assert sorted(name for name in loaded if colour(name) == others or within(name, MIXED)) == []


@pytest.mark.whole
def test_all_of_pseudonym_imports_without_the_extras() -> None:
    modules = [name for name in modules_below(SRC) if within(name, ["pseudonym"]) and not name.endswith("__main__")]
    loaded = loaded_by(SRC, modules, blocked=extras())
    assert set(modules) <= loaded


# The tree broken on purpose.

READ_BREAKS: Final = {
    "at the top": (STAGE, "import pseudonym.keyed.keys", "blind imports pseudonym.keyed.keys"),
    "from at the top": (STAGE, "from pseudonym.keyed.keys import LinkageKey", "blind imports pseudonym.keyed.keys"),
    "in a function": (
        STAGE,
        "def f():\n    from pseudonym.keyed.bloom import anything",
        "blind imports pseudonym.keyed.bloom",
    ),
    "in a method": (
        STAGE,
        "class C:\n    def f(self):\n        import pseudonym.encode as e",
        "blind imports pseudonym.enc",
    ),
    "for types only": (
        STAGE,
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pseudonym.identity import tokens",
        "blind imports pseudonym.identity.tokens",
    ),
    "in a try": (STAGE, "try:\n    import pseudonym.cli\nexcept ImportError:\n    pass", "blind imports pseudonym.cli"),
    "from the package": (STAGE, "from pseudonym.keyed import keys", "blind imports pseudonym.keyed.keys"),
    "the whole package": (STAGE, "import pseudonym", "blind imports pseudonym"),
    "a name passed on": (STAGE, "from pseudonym import load_profile", "blind imports pseudonym"),
    "the errors of the other side": (
        STAGE,
        "from pseudonym.errors import FieldError",
        "blind imports pseudonym.errors",
    ),
    "everything": (STAGE, "from pseudonym import *", "hides what it imports: from pseudonym import *"),
    "import_module": (
        STAGE,
        "import importlib\nimportlib.import_module('pseudonym.keyed.keys')",
        "blind imports pseudonym.keyed.keys",
    ),
    "import_module, alias": (
        STAGE,
        "from importlib import import_module as fetch\ndef f():\n    return fetch('pseudonym.keyed.minhash')",
        "blind imports pseudonym.keyed.minhash",
    ),
    "import_module, relative": (
        STAGE,
        "import importlib\nimportlib.import_module('.keys', 'pseudonym.keyed')",
        "hides what it imports: importlib.import_module",
    ),
    "import_module, computed": (
        STAGE,
        "import importlib\nimportlib.import_module('pseudonym.keyed' + '.keys')",
        "hides what it imports: importlib.import_module",
    ),
    "import_module, carried": (
        STAGE,
        "from importlib import import_module\nfetch = import_module\nfetch('pseudonym.keyed.keys')",
        "hides what it imports: importlib.import_module",
    ),
    "importlib, carried": (STAGE, "import importlib as i\nj = i", "hides what it imports: importlib as a value"),
    "__import__": (STAGE, "__import__('pseudonym.keyed.keys')", "blind imports pseudonym.keyed.keys"),
    "__import__, computed": (
        STAGE,
        "name = 'pseudonym.keyed.keys'\n__import__(name)",
        "hides what it imports: __import__",
    ),
    "__import__, builtins": (
        STAGE,
        "import builtins\ngetattr(builtins, '__imp' + 'ort__')('pseudonym.keyed.keys')",
        "hides what it imports: builtins as a value",
    ),
    "__builtins__": (
        STAGE,
        "__builtins__['__imp' + 'ort__']('pseudonym.keyed.keys')",
        "hides what it imports: __builtins__",
    ),
    "sys.modules": (STAGE, "import sys\nsys.modules['pseudonym.keyed.keys']", "hides what it imports: sys.modules"),
    "sys.modules, from": (STAGE, "from sys import modules as m", "hides what it imports: sys.modules"),
    "sys, carried": (STAGE, "import sys\nvars(sys)", "hides what it imports: sys as a value"),
    "exec": (STAGE, "exec('import pseudonym.keyed.keys')", "hides what it imports: exec"),
    "eval": (STAGE, "run = eval", "hides what it imports: eval"),
    "runpy, constant": (
        STAGE,
        "import runpy\nrunpy.run_module('pseudonym.keyed.keys')",
        "hides what it imports: runpy",
    ),
    "runpy, path": (STAGE, "from runpy import run_path\nrun_path('x')", "hides what it imports: runpy.run_path"),
    "importlib.util": (
        STAGE,
        "import importlib.util\nimportlib.util.spec_from_file_location('keys', 'x')",
        "hides what it imports: importlib.util.spec_from_file_location",
    ),
    "find_spec": (
        STAGE,
        "from importlib.util import find_spec\nfind_spec('pseudonym.keyed.keys')",
        "blind imports pseudonym.keyed.keys",
    ),
    "entry points": (
        STAGE,
        "from importlib.metadata import entry_points",
        "hides what it imports: importlib.metadata.entry_points",
    ),
    "pkgutil": (STAGE, "import pkgutil\npkgutil.walk_packages()", "hides what it imports: pkgutil"),
    "loader": (STAGE, "names = assign.__globals__", "hides what it imports: attribute __globals__"),
    "relative climb": (STAGE, "from ...pseudonym.keyed import keys", "blind imports pseudonym.keyed.keys"),
    "attribute of a package": (
        "linkage.intake",
        "import pseudonym.profile\ndef f():\n    return pseudonym.keyed.keys.LinkageKey",
        "blind imports pseudonym.keyed.keys",
    ),
    "cipher": (
        STAGE,
        "from cryptography.hazmat.primitives.ciphers import Cipher",
        "imports cryptography.hazmat.primitives.ciphers and holds no key",
    ),
    "clear to keyed": (
        "pseudonym.identity.sex",
        "from pseudonym.keyed.keys import LinkageKey",
        "clear imports keyed pseudonym.keyed.keys",
    ),
    "clear to cipher": (
        "pseudonym.identity.numbers",
        "import cryptography.fernet",
        "imports cryptography.fernet and holds no key",
    ),
    "clear to mixed": (
        "pseudonym.identity.record",
        "def f():\n    from pseudonym import encode",
        "clear imports mixed pseudonym.enc",
    ),
    "keyed to clear": (
        "pseudonym.keyed.bloom",
        "from pseudonym.identity import tokens",
        "keyed imports clear pseudonym.identity.tokens",
    ),
    "keyed to clear, relative": (
        "pseudonym.keyed.minhash",
        "from ..identity.sex import anything",
        "keyed imports clear",
    ),
    "past the door to keys": (
        "pseudonym.cli",
        "from pseudonym.keyed.keys import LinkageKey",
        "imports pseudonym.keyed.keys; the one door to keys is pseudonym.keyed",
    ),
    "stage to the registry's key": (
        "linkage.linking.compare",
        "from linkage.keys import RegistryKey",
        "stage linkage.linking imports linkage.keys",
    ),
    "profile to keyed": (
        "pseudonym.profile",
        "def f():\n    import pseudonym.keyed.keys",
        "neutral imports keyed pseudonym.keyed.keys",
    ),
    "submission to clear": (
        "pseudonym.wire.header",
        "from ..identity.numbers import anything",
        "neutral imports clear pseudonym.identity.numbers",
    ),
    "package to keyed": (
        "pseudonym",
        "from pseudonym.keyed.keys import LinkageKey",
        "neutral imports keyed pseudonym.keyed.keys",
    ),
    "package to keyed, lazily": (
        "pseudonym",
        "def __getattr__(name):\n    from pseudonym import encode\n    return encode",
        "neutral imports mixed pseudonym.encode",
    ),
    "reporter to registry": (
        "pseudonym.codebook",
        "import linkage.errors",
        "a reporter's module imports linkage.errors",
    ),
    "base to extra": (
        "pseudonym.identity.reader",
        "import duckdb",
        "imports duckdb, which its installation does not bring",
    ),
    "base to an extra of a part": (
        "pseudonym.encode.codes",
        "def f():\n    from bitarray import bitarray",
        "imports bitarray, which its installation does not bring",
    ),
    "part to the extra of the registry": (
        "pseudonym.classic.bits",
        "import numba",
        "imports numba, which its installation does not bring",
    ),
    "registry to classic": (STAGE, "import pseudonym.classic", "blind imports pseudonym.classic"),
    "registry to benchmark": (STAGE, "import pandas", "imports pandas, which its installation does not bring"),
    "stage to stage": (
        STAGE,
        "from linkage.answers import export",
        "stage linkage.persons imports linkage.answers",
    ),
    "stage to stage, relative": (
        FAR_STAGE,
        "from ..persons import identity",
        "stage linkage.answers imports linkage.pers",
    ),
    "stage to engine": (
        "linkage.linking.compare",
        "import linkage.engines.duckdb",
        "stage linkage.linking imports",
    ),
    "stage to pipeline": (STAGE, "from linkage import pipeline", "stage linkage.persons imports linkage.pipeline"),
    "stage to package": (STAGE, "from linkage import Registry", "stage linkage.persons imports linkage"),
    "store to stage": ("linkage.store", "import linkage.intake", "linkage.store imports linkage.intake"),
    "release to records": (
        "linkage.publishing",
        "from linkage.answers import export",
        "linkage.publishing imports linkage.answers",
    ),
    "errors to store": ("linkage.errors", "import linkage.store", "linkage.errors imports linkage.store"),
    "pipeline to command line": ("linkage.pipeline", "import linkage.cli", "linkage.pipeline imports linkage.cli"),
    "benchmarks": (STAGE, "from benchmarks import quality", "imports benchmarks, which no module of src may"),
    "tests": (
        "pseudonym.identity.reader",
        "import tests.conftest",
        "imports tests.conftest, which no module of src may",
    ),
    "socket": (STAGE, "import socket", "imports socket, which no module of src may"),
    "urllib": (
        "pseudonym.identity.reader",
        "def f():\n    import urllib.request",
        "imports urllib.request, which no module",
    ),
    "http": ("pseudonym.cli", "from http.client import HTTPConnection", "imports http.client, which no module"),
    "requests": (STAGE, "import requests", "imports requests, which no module of src may"),
    "pickle": (STAGE, "import pickle", "imports pickle, which no module of src may"),
    "pickle in numpy": (STAGE, "np.load('x', allow_pickle=True)", "hides what it imports: allow_pickle"),
    "subprocess": ("pseudonym.cli", "import subprocess", "imports subprocess, which no module of src may"),
    "os.system": ("pseudonym.cli", "import os\nos.system('x')", "hides what it imports: os.system"),
    "no colour": ("pseudonym.novelty", "X = 1", "a module without a colour"),
    "use of no colour": ("pseudonym.novelty", "import pseudonym.keyed.keys", "a module without a colour"),
    "no place": ("linkage.novelty", "X = 1", "a module of linkage without a place"),
}


@pytest.mark.parametrize("name", READ_BREAKS)
@pytest.mark.whole
def test_reading_reports_a_planted_break(tree: Path, name: str) -> None:
    module, code, rule = READ_BREAKS[name]
    plant(tree, module, code)
    found = [str(finding) for finding in check(tree, PYPROJECT)]
    assert [line for line in found if line.startswith(f"{module}:") and rule in line], found


def test_reading_reports_what_it_cannot_read(tree: Path) -> None:
    (tree / "linkage/linking/fast.so").write_bytes(b"")
    assert "fast.so:0: a file that can be imported and not read" in map(str, check(tree, PYPROJECT))


def test_reading_reports_the_line_of_a_break(tree: Path) -> None:
    plant(tree, STAGE, "import pseudonym.keyed.keys")
    n_lines = len((tree / "linkage/persons/identity.py").read_text(encoding="utf-8").splitlines())
    assert f"linkage.persons.identity:{n_lines}: blind imports pseudonym.keyed.keys" in map(str, check(tree, PYPROJECT))


HARMLESS: Final = {
    "optional package": (STAGE, "from importlib.util import find_spec\nfind_spec('duckdb')"),
    "allowed module": (STAGE, "from importlib import import_module\nimport_module('pseudonym.profile')"),
    "the seam for engines": (STAGE, "from linkage.engines.base import Engine"),
    "own neighbour": (STAGE, "from . import identity as same"),
    "allowed module of the package": (STAGE, "from pseudonym import profile, wire"),
    "method of a common name": (
        STAGE,
        "import re\nre.compile('x')\nclass C:\n    def eval(self):\n        return self.exec",
    ),
    "version of a package": (STAGE, "from importlib.metadata import version\nversion('duckdb')"),
    "standard streams": (STAGE, "import sys\nsys.stdout.write('x')"),
}


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.whole
def test_reading_lets_pass_what_breaks_nothing(tree: Path, name: str) -> None:
    before = check(tree, PYPROJECT)
    plant(tree, *HARMLESS[name])
    assert check(tree, PYPROJECT) == before


UNSUSPECTED: Final = "getattr(print.__self__, '__imp' + 'ort__')('pseudonym.keyed' + '.keys')"


@pytest.mark.whole
def test_running_sees_what_reading_cannot(tree: Path) -> None:
    plant(tree, STAGE, UNSUSPECTED)
    assert check(tree, PYPROJECT) == check(SRC, PYPROJECT)
    assert "pseudonym.keyed.keys" in loaded_by(tree, ["linkage.persons.identity"])


def test_running_sees_that_the_package_loads_a_key(tree: Path) -> None:
    plant(tree, "pseudonym", UNSUSPECTED)
    assert "pseudonym.keyed.keys" in loaded_by(tree, ["pseudonym"])


@pytest.mark.parametrize(
    ("module", "taken"),
    [("pseudonym.identity.numbers", "pseudonym.keyed.prf"), ("pseudonym.keyed.prf", "pseudonym.identity.numbers")],
)
@pytest.mark.whole
def test_running_sees_a_breach_inside_pseudonym(tree: Path, module: str, taken: str) -> None:
    assert taken not in loaded_by(tree, [module])
    plant(tree, module, f"import {taken}")
    assert taken in loaded_by(tree, [module])


def test_running_sees_that_the_base_needs_an_extra(tree: Path) -> None:
    plant(tree, "pseudonym.profile", "import duckdb")
    with pytest.raises(AssertionError, match="duckdb"):
        loaded_by(tree, ["pseudonym.profile"], blocked=extras())
