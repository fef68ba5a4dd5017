"""Read Python sources and say what they import, by whatever means.

Nothing is run. What cannot be judged by reading (a module name that is computed, code made from text, the table of
loaded modules) is reported as hidden, so that a rule about imports cannot be walked around.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

ROOTS: Final = ("pseudonym", "linkage")

LOADERS: Final = frozenset(
    {
        "__import__",
        "builtins.__import__",
        "importlib.__import__",
        "importlib.import_module",
        "importlib.util.find_spec",
        "pkgutil.resolve_name",
        "runpy.run_module",
    }
)
"""What imports the module that its first argument names: judged as an import if that argument is a constant."""

EVALUATORS: Final = frozenset({"exec", "eval", "compile", "globals", "__builtins__", "__loader__", "__spec__"})
"""Builtin names through which a program reaches code that nobody can read in it."""

DOORS: Final = frozenset(
    {f"builtins.{name}" for name in EVALUATORS}
    | {f"sys.{name}" for name in ("modules", "path", "meta_path", "path_hooks", "path_importer_cache")}
    | {f"importlib.metadata.{name}" for name in ("entry_points", "EntryPoint", "EntryPoints")}
    | {"importlib.reload", "importlib.machinery", "importlib.util", "importlib.abc", "importlib._bootstrap"}
    | {f"os.{name}" for name in ("system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile")}
    | {f"os.{verb}{form}" for verb in ("exec", "spawn") for form in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")}
    | {"pkgutil", "runpy", "imp", "zipimport", "code", "codeop", "pydoc", "ctypes", "site"}
)
"""Modules, and names in modules, that load modules or start programs; each is refused with all that lies below it."""

WATCHED: Final = frozenset({"builtins", "importlib", "pkgutil", "runpy", "sys"})
"""Modules that must not be handed around as values, since `getattr` on them hides what is taken."""

SECRET_NAMES: Final = frozenset(
    {
        "__builtins__",
        "__globals__",
        "__import__",
        "__loader__",
        "__spec__",
        "__subclasses__",
        "exec_module",
        "load_module",
    }
)


@dataclass(frozen=True)
class Module:
    """One source file as a module of a tree."""

    name: str
    path: Path = field(compare=False)
    is_package: bool


@dataclass(frozen=True)
class Use:
    """What a line of a module imports, or, if `target` is None, the means by which it hides what it imports."""

    module: str
    line: int
    target: str | None
    how: str


def modules_below(src: Path) -> dict[str, Module]:
    """Name every module of the packages in `src`."""
    found = {}
    for root in ROOTS:
        for path in sorted((src / root).rglob("*.py")):
            parts = path.relative_to(src).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            found[name] = Module(name, path, is_package)
    return found


def uses(module: Module, known: frozenset[str]) -> tuple[Use, ...]:
    """List what a module imports and hides, in the order of its lines.

    Args:
        module: The module.
        known: The names of all modules of the tree.
    """
    return _uses(module, module.path.read_text(encoding="utf-8"), known)


@cache
def _uses(module: Module, source: str, known: frozenset[str]) -> tuple[Use, ...]:
    # Kept by content, since the tests judge many trees that differ in one file.
    reader = _Reader(module, known)
    nodes, parents = _parsed(source)
    # Names are collected first, wherever they are bound: an alias made in one function counts in every other.
    for node in nodes:
        reader.bind(node)
    for node in nodes:
        reader.look(node, parents)
    return tuple(sorted(reader.found, key=lambda use: (use.line, use.target or "", use.how)))


@cache
def _parsed(source: str) -> tuple[list[ast.AST], dict[ast.AST, ast.AST]]:
    """Return all nodes of a source, and the parent of each."""
    nodes = list(ast.walk(ast.parse(source)))
    return nodes, {child: node for node in nodes for child in ast.iter_child_nodes(node)}


class _Reader:
    def __init__(self, module: Module, known: frozenset[str]) -> None:
        self.module = module
        self.known = known
        self.found: list[Use] = []
        self.names: dict[str, set[str]] = {}

    def add(self, node: ast.AST, target: str | None, how: str) -> None:
        use = Use(self.module.name, getattr(node, "lineno", 0), target, how)
        if use not in self.found:
            self.found.append(use)

    def bind(self, node: ast.AST) -> None:
        """Note which local names stand for which modules or members of modules."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.split(".")[0]
                self.names.setdefault(alias.asname or whole, set()).add(whole)
        elif isinstance(node, ast.ImportFrom):
            base = self.base(node)
            for alias in node.names:
                self.names.setdefault(alias.asname or alias.name, set()).add(f"{base}.{alias.name}")

    def base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.module.name.split(".")
        if not self.module.is_package:
            parts = parts[:-1]
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])

    def look(self, node: ast.AST, parents: dict[ast.AST, ast.AST]) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imported(node, alias.name)
        elif isinstance(node, ast.ImportFrom):
            self.imported_from(node)
        elif isinstance(node, ast.Attribute | ast.Name):
            self.mentioned(node, parents)
        if isinstance(node, ast.Attribute) and node.attr in SECRET_NAMES:
            self.add(node, None, f"attribute {node.attr}")
        elif isinstance(node, ast.Constant) and node.value in SECRET_NAMES:
            self.add(node, None, f"the name {node.value} in a string")
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            self.add(node.value, None, "allow_pickle")

    def imported(self, node: ast.AST, name: str) -> None:
        if self.behind_door(name) and name != "importlib.util":
            self.add(node, None, name)
        else:
            self.add(node, name, "import")

    def imported_from(self, node: ast.ImportFrom) -> None:
        base = self.base(node)
        for alias in node.names:
            full = f"{base}.{alias.name}"
            if alias.name == "*":
                self.add(node, None, f"from {base} import *")
            elif full in LOADERS or full == "importlib.util":
                continue
            else:
                self.imported(node, full if full in self.known or self.behind_door(full) else base)

    def mentioned(self, node: ast.Attribute | ast.Name, parents: dict[ast.AST, ast.AST]) -> None:
        """Judge a name or a dotted name, at its longest only."""
        parent = parents.get(node)
        if isinstance(parent, ast.Attribute):
            return
        for full in self.meanings(node):
            if full in LOADERS:
                self.loaded(node, full, parent)
            elif full in EVALUATORS or self.behind_door(full):
                self.add(node, None, full)
            elif full in WATCHED:
                self.add(node, None, f"{full} as a value")
            elif full.split(".")[0] in ROOTS:
                self.reached(node, full)

    def meanings(self, node: ast.Attribute | ast.Name) -> Iterator[str]:
        """Return each dotted name that an expression may stand for, as far as imports tell."""
        tail: list[str] = []
        head: ast.expr = node
        while isinstance(head, ast.Attribute):
            tail.insert(0, head.attr)
            head = head.value
        if not isinstance(head, ast.Name):
            return
        if head.id not in self.names:
            if head.id in EVALUATORS or head.id in LOADERS:
                yield head.id
            return
        for meaning in self.names[head.id]:
            yield ".".join([meaning, *tail])

    def loaded(self, node: ast.AST, full: str, parent: ast.AST | None) -> None:
        """Take a call of an importing function as an import, if it names its module in plain text."""
        if isinstance(parent, ast.Call) and parent.func is node and parent.args and not parent.keywords:
            name = parent.args[0]
            if len(parent.args) == 1 and isinstance(name, ast.Constant) and isinstance(name.value, str):
                self.imported(node, name.value.replace(":", ".") or "?")
                return
        self.add(node, None, f"{full} of something computed")

    def reached(self, node: ast.AST, full: str) -> None:
        """Take `package.module` in an expression as an import of that module."""
        parts = full.split(".")
        for n_parts in range(len(parts), 0, -1):
            name = ".".join(parts[:n_parts])
            if name in self.known:
                if name == full and name in ROOTS:
                    self.add(node, None, f"{name} as a value")
                self.add(node, name, "mention")
                return

    def behind_door(self, full: str) -> bool:
        parts = full.split(".")
        return full not in LOADERS and any(".".join(parts[:n]) in DOORS for n in range(1, len(parts) + 1))
