"""Rules of this project that no linter knows: what a module exports, where tests are, which words are forbidden.

Each rule is a function that lists its breaches; one test applies it to the project, another breaks it on purpose.
"""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.paths import ROOT

SRC: Final = ROOT / "src"

MODULES: Final = sorted(
    path.relative_to(SRC).as_posix()
    for path in SRC.rglob("*.py")
    if path.stem == "__init__" or not path.stem.startswith("_")
)
MAX_MODULE_LINES: Final = 400
"""A longer module should be split."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def project_files() -> list[Path]:
    """List the files that git tracks or would track, which leaves out build products."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str | None:
    """Read a file as text; return None if it is binary (some test files are broken on purpose)."""
    data = path.read_bytes()
    try:
        return None if b"\0" in data else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def public_definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    """Yield the public functions and classes."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node


# What a module offers.


def offered(tree: ast.Module) -> list[str] | None:
    """Return the names in `__all__`, or None if there is none."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
                return [str(name) for name in ast.literal_eval(node.value)]
    return None


def offers_wrongly(source: str) -> list[str]:
    """List the faults of `__all__`: it is missing, unsorted, or leaves out a public definition."""
    tree = ast.parse(source)
    names = offered(tree)
    if names is None:
        # A package file that binds no name, not even by an import, needs no `__all__`.
        prose = all(isinstance(node, ast.Expr) or getattr(node, "module", "") == "__future__" for node in tree.body)
        return [] if prose else ["no __all__"]
    # Constants, classes, functions, each sorted alphabetically: the order that ruff uses too.
    right = sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name))
    found = [] if names == right else [f"order: {right}"]
    found += [f"left out: {node.name}" for node in public_definitions(tree.body) if node.name not in names]
    return found + [f"twice: {name}" for name in sorted(set(names)) if names.count(name) > 1]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_offers_all_that_is_public_in_order(module: str) -> None:
    assert offers_wrongly((SRC / module).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_offers_is_there(module: str) -> None:
    names = offered(ast.parse((SRC / module).read_text(encoding="utf-8"))) or []
    loaded = importlib.import_module(module.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    assert [name for name in names if not hasattr(loaded, name)] == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f(): ...", "no __all__"),
        ("__all__ = ['f', 'C']\nclass C: ...\ndef f(): ...", "order: ['C', 'f']"),
        ("__all__ = ['f']\ndef f(): ...\ndef g(): ...", "left out: g"),
        ("__all__: Final = ['f', 'f']\ndef f(): ...", "twice: f"),
    ],
)
def test_a_wrong_offer_is_seen(source: str, fault: str) -> None:
    assert offers_wrongly(source) == [fault]


def test_a_right_offer_passes() -> None:
    assert offers_wrongly('"""Only a docstring."""\nfrom __future__ import annotations') == []
    source = "__all__ = ['A', 'B', 'f']\nA = 1\nclass B: ...\ndef f(): ...\ndef _g(): ..."
    assert offers_wrongly(source) == []


# What a function sees.

MIXED: Final = ("pseudonym/classic/", "pseudonym/cli/", "pseudonym/encode/")
"""Folders in which plaintext and key meet. In all others the folder says what a function sees."""

SEES: Final = re.compile(r"Sees: (plaintext|key|neither|plaintext and key)")


def sees_wrongly(source: str, *, mixed: bool, command: str = "") -> list[str]:
    """Name public functions whose docstring lacks its last line `Sees: ...`, or has one where the folder says it.

    Methods need the line where their docstring has sections; a one-line method sees what its class sees. The docstring
    of a command is its `--help`, so it never has the line.
    """
    found = []
    for node in public_definitions(ast.parse(source).body):
        inner = public_definitions(node.body) if isinstance(node, ast.ClassDef) else [node]
        for function in inner:
            lines = (ast.get_docstring(function) or "").rstrip().split("\n")
            needed = mixed and function.name != command and (node is function or len(lines) > 1)
            if needed != bool(SEES.fullmatch(lines[-1])):
                found.append(function.name)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_functions_say_what_they_see_where_colours_mix(module: str) -> None:
    source = (SRC / module).read_text(encoding="utf-8")
    # In `cli/`, the function named like its module is the command.
    command = Path(module).stem if module.startswith("pseudonym/cli/") else ""
    assert sees_wrongly(source, mixed=module.startswith(MIXED), command=command) == []


@pytest.mark.parametrize(
    ("docstring", "mixed", "fault"),
    [
        ("Do it.", True, ["f"]),
        ("Do it.", False, []),
        ("Do it.\n\n    Sees: neither\n", True, []),
        ("Do it.\n\n    Sees: neither\n", False, ["f"]),
        ("Do it.\n\n    Sees: neither\n\n    And more.\n", True, ["f"]),
        ("Do it.\n\n    Sees: everything\n", True, ["f"]),
        ("Do it.\n\n    Sees: plaintext and key\n", True, []),
    ],
)
def test_what_is_seen_is_judged(docstring: str, mixed: bool, fault: list[str]) -> None:
    assert sees_wrongly(f'def f():\n    """{docstring}    """\n', mixed=mixed) == fault


def test_help_says_nothing_of_colours() -> None:
    source = 'def check():\n    """Do it.{}"""\n'
    assert sees_wrongly(source.format(""), mixed=True, command="check") == []
    assert sees_wrongly(source.format("\n\n    Sees: neither\n    "), mixed=True, command="check") == ["check"]


def test_what_a_method_sees_is_judged() -> None:
    source = 'class C:\n    def f(self):\n        """Do it.\n\n        Returns:\n            It.\n        """\n'
    assert sees_wrongly(source, mixed=True) == ["f"]
    assert sees_wrongly(source, mixed=False) == []


# How a dataclass is compared.

ARRAYS: Final = re.compile(r"\b(?:DataFrame|NDArray|Ints|Floats|Bools)\b")
"""Annotations of values whose `==` yields no truth value: arrays of numpy, by any of their names, and frames."""


def compared_by_arrays(source: str) -> list[str]:
    """Name dataclasses that hold arrays and have a generated `==`.

    It raises an error, or says that two are equal if they share their arrays, depending on the version of Python.
    """
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        and any(
            ast.unparse(one).startswith("dataclass") and "eq=False" not in ast.unparse(one)
            for one in node.decorator_list
        )
        and any(isinstance(one, ast.AnnAssign) and ARRAYS.search(ast.unparse(one.annotation)) for one in node.body)
    ]


def test_no_dataclass_compares_arrays() -> None:
    paths = [path for folder in ("benchmarks", "src", "tools") for path in (ROOT / folder).rglob("*.py")]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    # Parsing is slow, and few modules have arrays beside a dataclass that is compared by its values.
    likely = [text for text in sources if ARRAYS.search(text) and re.search(r"^ *@dataclass(?!.*eq=False)", text, re.M)]
    assert [name for text in likely for name in compared_by_arrays(text)] == []


@pytest.mark.parametrize(
    ("decorator", "annotation", "n_faults"),
    [
        ("dataclass", "pd.DataFrame | None", 1),
        ("dataclass(frozen=True)", "dict[str, NDArray[np.int8]]", 1),
        ("dataclass(frozen=True, eq=False)", "Ints", 0),
        ("dataclass(frozen=True)", "Fraction", 0),
        ("final", "Ints", 0),
    ],
)
def test_a_dataclass_that_compares_arrays_is_seen(decorator: str, annotation: str, n_faults: int) -> None:
    assert len(compared_by_arrays(f"@{decorator}\nclass C:\n    x: {annotation}\n")) == n_faults


# How large a module is.


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_enough_to_be_read(module: str) -> None:
    assert len((SRC / module).read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES


# How tests are arranged.

TESTS: Final = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))
SLOW_MODULES: Final = frozenset(
    {
        "tests/benchmarks/test_attack_gates.py",
        "tests/benchmarks/test_attack_suite.py",
        "tests/benchmarks/test_clkhash.py",
        "tests/benchmarks/test_clusterings.py",
        "tests/benchmarks/test_coverage.py",
        "tests/benchmarks/test_expected_figures.py",
        "tests/benchmarks/test_missed.py",
        "tests/benchmarks/test_own.py",
        "tests/benchmarks/test_peers.py",
        "tests/benchmarks/test_population_command.py",
        "tests/benchmarks/test_quality_suite.py",
        "tests/benchmarks/test_speed_engines.py",
        "tests/benchmarks/test_speed_incremental.py",
        "tests/examples/test_examples.py",
        "tests/faults/test_bombs.py",
        "tests/faults/test_damaged_registry.py",
        "tests/faults/test_encode_kill.py",
        "tests/faults/test_kills.py",
        "tests/faults/test_registry_disk.py",
        "tests/faults/test_registry_kill.py",
        "tests/faults/test_sealed_fuzz.py",
        "tests/faults/test_small_disk.py",
        "tests/faults/test_spark_kill.py",
        "tests/faults/test_withdrawn_bytes.py",
        "tests/install/test_base_install.py",
        "tests/install/test_wheelhouse.py",
        "tests/install/test_wheels_exist.py",
        "tests/property/test_twin_of_identities.py",
        "tests/property/test_withdraw_model.py",
        "tests/unit/linkage/linking/test_compete.py",
        "tests/unit/linkage/linking/test_rivals.py",
        "tests/unit/linkage/pipeline/test_incremental.py",
        "tests/unit/linkage/pipeline/test_numbers.py",
        "tests/unit/linkage/pipeline/test_pairs_of_names.py",
        "tests/unit/linkage/pipeline/test_spark.py",
        "tests/unit/pseudonym/identity/reader/test_workbook.py",
        "tests/vectors/test_mutations.py",
        "tests/vectors/test_vectors.py",
    }
)
"""Test modules with tests that only `make slow` runs. A mark elsewhere would drop tests from `make test` unseen."""

SLOW_MARK: Final = re.compile(r"\bmark\.sl" + r"ow\b")


def imported_test_modules(source: str) -> list[str]:
    """List the test modules that a source imports, whether by their path or as names of their folder."""
    found: list[str] = []
    # Parsing is slow, and no `=` comes between the word `from` or `import` and a name that is imported.
    if not re.search(r"\b(?:from|import)\b[^=]*\btest_", source):
        return found
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "tests"):
            names = [".".join(filter(None, [node.module, alias.name])) for alias in node.names]
        else:
            continue
        found += [name for name in names if re.search(r"(^|\.)test_", name)]
    return found


def without_source_folder(folders: list[str], sources: Path) -> list[str]:
    """List the test folders that have no source folder of the same path."""
    return [folder for folder in folders if not (sources / folder).is_dir()]


def test_no_test_module_imports_another() -> None:
    found = {str(path): imported_test_modules((ROOT / path).read_text(encoding="utf-8")) for path in TESTS}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "n_breaches"),
    [
        ("from tests.unit.linkage.test_score import U", 1),
        ("from tests.unit.linkage import test_score", 1),
        ("from . import test_score", 1),
        ("import tests.unit.test_style", 1),
        ("from tests.unit.linkage import helpers", 0),
        ("from linkage.cli import main", 0),
    ],
)
def test_an_imported_test_module_is_seen(source: str, n_breaches: int) -> None:
    assert len(imported_test_modules(source)) == n_breaches


def test_folders_of_unit_tests_are_named_as_source_folders() -> None:
    folders = {path.parent.relative_to("tests/unit").as_posix() for path in TESTS if path.is_relative_to("tests/unit")}
    assert without_source_folder(sorted(folders), SRC) == []


def test_a_folder_without_source_is_seen(tmp_path: Path) -> None:
    (tmp_path / "linkage").mkdir()
    assert without_source_folder(["linkage", "linkage/elsewhere"], tmp_path) == ["linkage/elsewhere"]


def test_only_listed_modules_are_left_to_make_slow() -> None:
    marked = {path.as_posix() for path in TESTS if SLOW_MARK.search((ROOT / path).read_text(encoding="utf-8"))}
    assert marked == SLOW_MODULES


# What pyproject.toml says of files that are not in `src`.


def pyproject() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def helpers(paths: Iterable[Path]) -> set[str]:
    """Return the modules of tests that hold no tests; mypy checks them, since errors there mislead many tests."""
    return {path.as_posix() for path in paths if not path.name.startswith("test_")}


def test_the_types_of_all_helpers_of_tests_are_checked() -> None:
    assert {path for path in pyproject()["tool"]["mypy"]["files"] if path.startswith("tests/")} == helpers(TESTS)


def test_a_helper_is_told_from_a_test_module() -> None:
    paths = [Path("tests/conftest.py"), Path("tests/unit/test_a.py"), Path("tests/unit/linkage/helpers.py")]
    assert helpers(paths) == {"tests/conftest.py", "tests/unit/linkage/helpers.py"}


def test_the_source_distribution_has_every_folder() -> None:
    included = pyproject()["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    paths = [path.relative_to(ROOT) for path in project_files()]
    folders = {f"/{path.parts[0]}" for path in paths if len(path.parts) > 1 and not path.parts[0].startswith(".")}
    assert folders - set(included) == set()


# Which works are cited.

CITATION: Final = re.compile(r"\[([A-Z][A-Za-z]*[0-9]+[a-z]?)\](?![(\[:])")
ENTRY: Final = re.compile(r"^- \*\*\[([A-Za-z0-9]+)\]\*\* ", re.MULTILINE)
CODE: Final = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def cited(text: str) -> set[str]:
    """Collect the citation keys of a text, for example Schnell2009 in square brackets, except those in code."""
    return set(CITATION.findall(CODE.sub("", text)))


def docstrings(source: str) -> str:
    """Join the prose of a module: docstrings and comments."""
    holders = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    nodes = list(ast.walk(ast.parse(source)))
    found = [ast.get_docstring(node) or "" for node in nodes if isinstance(node, holders)]
    found += [
        node.value.value
        for node in nodes
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return "\n".join(found + re.findall(r"#.*", source))


def test_every_citation_is_in_the_references() -> None:
    entries = ENTRY.findall((ROOT / "docs/references.md").read_text(encoding="utf-8"))
    assert sorted(set(entries)) == entries, "the entries of docs/references.md are not sorted, or stand twice"
    missing = {}
    for path in project_files():
        text = text_of(path) if path.suffix in {".py", ".md"} and path != Path(__file__).resolve() else None
        # Most modules cite nothing, and parsing is slow.
        if text is not None and CITATION.search(text):
            keys = cited(docstrings(text) if path.suffix == ".py" else text) - set(entries)
            missing.update({key: path.name for key in keys})
    assert missing == {}


def test_citations_are_found() -> None:
    text = "As [Schnell2009] and [RFC5869], but not `x[A1]`, [A link1](x) or [0]."
    assert cited(text) == {"Schnell2009", "RFC5869"}
    assert cited(docstrings('"""See [Doe2001]."""\nX = "[No2002]"  # By [Roe2003].\n')) == {"Doe2001", "Roe2003"}


# Where links lead.

LINK: Final = re.compile(r"\]\(([^)\s]+)\)")


def test_every_link_between_documents_leads_somewhere() -> None:
    dead = []
    for path in project_files():
        if path.suffix == ".md":
            for link in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
                target = link.split("#")[0]
                if target and "://" not in target and not (path.parent / target).exists():
                    dead.append(f"{path.name}: {link}")
    assert dead == []


# Which words are forbidden.

# Put together from halves, so that this file obeys its own rule.
MARKERS: Final = r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b"
TRACKER: Final = r"\b[Ii]ss" + r"ue\s+#?[0-9]+\b|(?<![\w&])#[0-9]{1,3}\b(?=[\s.,;:)]|$)"
PLACES: Final = r"(?<![\w.~*-])/(?:wo" + "rk|tm" + "p|ro" + "ot|ho" + "me|Us" + r"ers)/\w"
INDEX: Final = "index" + r"-url|py" + r"pi\.org|pythonhos" + "ted"
FORBIDDEN: Final = re.compile("|".join([MARKERS, TRACKER, PLACES, INDEX]), re.MULTILINE)

UNEXPLAINED: Final = re.compile(
    r"#\s*(?:no" + r"qa(?!: ?[A-Z]+[0-9])|ty" + r"pe: ignore(?!\[)|prag" + r"ma: no cover\s*$)", re.MULTILINE
)
SILENCED: Final = re.compile(r"#\s*(?:no" + r"qa: ?[A-Z0-9, ]+|ty" + r"pe: ignore\[[a-z-, ]+\])\s*(.*)$")


def forbidden(text: str) -> list[str]:
    """List words that only help their author: to-do markers, tracker numbers, machine paths, a package index."""
    return [match[0] for match in FORBIDDEN.finditer(text)]


def silenced_without_reason(text: str) -> list[str]:
    """List lines that silence a tool without naming the rule, or without a reason beside it or on the line above."""
    lines = text.splitlines()
    found = [line for line in lines if UNEXPLAINED.search(line)]
    for above, line in zip(["", *lines], lines, strict=False):
        silenced = SILENCED.search(line)
        if silenced and len(silenced[1].strip(" #-")) < 10 and not above.strip().startswith("#"):
            found.append(line)
    return found


def test_no_forbidden_word_stands_in_the_project() -> None:
    found = []
    for path in project_files():
        text = None if path.name == "LICENSE" else text_of(path)
        if text is not None:
            found += [f"{path.relative_to(ROOT)}: {word}" for word in forbidden(text)]
    assert found == []


def test_no_tool_is_silenced_without_a_reason() -> None:
    found = []
    for path in project_files():
        if path.suffix == ".py" and path != Path(__file__).resolve():
            found += [
                f"{path.name}: {line.strip()}" for line in silenced_without_reason(path.read_text(encoding="utf-8"))
            ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "a TO" + "DO",
        "# FIX" + "ME: x",
        "see iss" + "ue 2",
        "as in #" + "17.",
        "/tm" + "p/x",
        'open("/wo' + 'rk/a")',
        "--extra-index" + "-url x",
        "https://py" + "pi.org/x",
    ],
)
def test_a_forbidden_word_is_seen(text: str) -> None:
    assert len(forbidden(text)) == 1


@pytest.mark.parametrize(
    "text",
    ["it issues 2 keys", "a framework/x", "src/tmp_path/x", "#%d", "todo", "colour #123456", "## 1. Keys", "tmp/x"],
)
def test_a_harmless_word_passes(text: str) -> None:
    assert forbidden(text) == []


@pytest.mark.parametrize(
    ("code", "n_faults"),
    [
        ("x = 1  # no" + "qa", 1),
        ("x = 1  # no" + "qa: E501", 1),
        ("x = 1  # no" + "qa: E501  The address does not break.", 0),
        ("# The address does not break.\nx = 1  # no" + "qa: E501", 0),
        ("x = 1  # ty" + "pe: ignore", 1),
        ("x = 1  # ty" + "pe: ignore[misc]  # The decorator has no types.", 0),
    ],
)
def test_a_silenced_tool_needs_a_reason(code: str, n_faults: int) -> None:
    assert len(silenced_without_reason(code)) == n_faults
