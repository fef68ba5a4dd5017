"""The modules of `linkage.linking` form layers: each imports only from earlier layers.

The layers are those of the docstring of `linkage.linking`. An import within a layer or from a later one is planted in a
copy of the sources, and the check must report it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.boundary.sources import modules_below, uses
from tests.paths import ROOT

SRC: Final = ROOT / "src"
PACKAGE: Final = "linkage.linking"

LAYERS: Final = (
    ("compiled.jit",),
    ("compiled.common", "compiled.groups", "compiled.words"),
    ("compiled.chains",),
    (
        *("compiled.kernels", "compiled.merging", "compiled.messages", "compiled.partitions", "compiled.sides"),
        *("compiled.sparse", "compiled.steps", "compiled.tiles"),
    ),
    ("sums",),
    ("decide", "odds", "patterns", "recapture", "rivals", "strata"),
    ("accuracy", "candidates", "clusters", "compare", "copies", "draws", "meeting", "namesakes"),
    ("model",),
    ("bridges", "compared", "leftovers", "never_met", "score"),
    ("fit", "partners", "proven", "reasons", "seats"),
    ("compete",),
)
"""Names below `linkage.linking`, the foundations first."""


def breaches(src: Path) -> list[str]:
    """List the modules without a layer and the imports that do not go to an earlier layer."""
    layer = {f"{PACKAGE}.{name}": number for number, names in enumerate(LAYERS) for name in names}
    known = modules_below(src)
    names = frozenset(known)
    found = []
    for name, module in known.items():
        if not name.startswith(f"{PACKAGE}.") or module.is_package:
            continue
        if name not in layer:
            found.append(f"{name}: no layer")
            continue
        found += [
            f"{name}:{use.line}: imports {use.target}"
            for use in uses(module, names)
            if use.target is not None
            and (use.target == PACKAGE or use.target.startswith(f"{PACKAGE}."))
            and layer.get(use.target, len(LAYERS)) >= layer[name]
        ]
    return found


def test_modules_import_only_from_earlier_layers() -> None:
    assert breaches(SRC) == []


def test_every_layer_has_its_modules() -> None:
    known = modules_below(SRC).keys()
    assert [name for names in LAYERS for name in names if f"{PACKAGE}.{name}" not in known] == []


@pytest.mark.parametrize(
    ("module", "code", "breach"),
    [
        ("odds", "from linkage.linking.score import score", "linkage.linking.score"),
        ("clusters", "from linkage.linking import compare", "linkage.linking.compare"),
        ("compiled/words", "from ..odds import probabilities", "linkage.linking.odds"),
        ("compiled/tiles", "def f():\n    from linkage.linking.compiled.kernels import Plan", "compiled.kernels"),
        ("fit", "import linkage.linking", "linkage.linking"),
        ("novelty", "X = 1", "no layer"),
    ],
)
def test_a_planted_breach_is_reported(tmp_path: Path, module: str, code: str, breach: str) -> None:
    src = Path(shutil.copytree(SRC, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__")))
    path = src / "linkage" / "linking" / f"{module}.py"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{code}\n", encoding="utf-8")
    (found,) = breaches(src)
    assert found.startswith(f"{PACKAGE}.{module.replace('/', '.')}:")
    assert found.endswith(breach)
