"""Change the generator in named ways, one at a time, and see whether a committed vector notices.

    python -m tests.vectors.mutations            applies every mutation and prints what noticed it
    python -m tests.vectors.mutations --list     prints the table of README.md

A mutation replaces one piece of source text of one module. It stands for a mistake that the reader of docs/spec.md may
make. If no vector notices it, the vectors lack a case.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

__all__ = ["MUTATIONS", "Mutation", "Noticed", "noticed", "table"]

FOLDER: Final = Path(__file__).resolve().parent
PACKAGE: Final = "tests.vectors"


class Mutation(NamedTuple):
    """One mistake, as mutations.toml has it.

    Attributes:
        name: Its name.
        section: The section of docs/spec.md that it misreads.
        says: What the mutated program believes.
        module: The module of the generator.
        old: Source text that stands there once.
        new: What replaces it.
        document: The document of the vectors that must notice.
    """

    name: str
    section: str
    says: str
    module: str
    old: str
    new: str
    document: str


MUTATIONS: Final = tuple(
    Mutation(**each) for each in tomllib.loads((FOLDER / "mutations.toml").read_text(encoding="utf-8"))["mutation"]
)


class Noticed(NamedTuple):
    """The first vector that a mutation changes, or how it fails to make one."""

    document: str
    vector: str


def patched_source(mutation: Mutation) -> str:
    """Return the source of a module after a mutation.

    Raises:
        ValueError: The text to replace does not stand there exactly once, so the mutation is out of date.
    """
    source = (FOLDER / f"{mutation.module}.py").read_text(encoding="utf-8")
    if source.count(mutation.old) != 1:
        raise ValueError(f"{mutation.name}: the text to replace does not stand there once")
    return source.replace(mutation.old, mutation.new)


@contextmanager
def generator(mutation: Mutation | None) -> Iterator[ModuleType]:
    """Import the generator anew, with one module changed, and forget it afterwards."""
    package = importlib.import_module(PACKAGE)
    kept = {name: module for name, module in sys.modules.items() if name.startswith(f"{PACKAGE}.")}
    held = {name.rsplit(".", 1)[1]: module for name, module in kept.items()}
    for name in kept:
        del sys.modules[name]
        vars(package).pop(name.rsplit(".", 1)[1], None)
    try:
        if mutation is not None:
            _load(mutation, package)
        yield importlib.import_module(f"{PACKAGE}.generate")
    finally:
        for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
            vars(package).pop(name.rsplit(".", 1)[1], None)
        sys.modules.update(kept)
        vars(package).update(held)


def _load(mutation: Mutation, package: ModuleType) -> None:
    module = ModuleType(f"{PACKAGE}.{mutation.module}")
    module.__file__ = str(FOLDER / f"{mutation.module}.py")
    sys.modules[module.__name__] = module
    setattr(package, mutation.module, module)
    exec(compile(patched_source(mutation), module.__file__, "exec"), vars(module))


def noticed(mutation: Mutation | None) -> Noticed | None:
    """Return the first committed vector that a mutation changes.

    Args:
        mutation: The mutation; None for the generator as it is, which changes nothing.

    Returns:
        The vector, or None if every vector of the documents that are looked at stays as it is.
    """
    with generator(mutation) as generate:
        for document, vector, made in _vectors(generate, None if mutation is None else mutation.document):
            if json.loads(json.dumps(made)) != _committed(document)[vector]:
                return Noticed(document, vector)
    return None


def _committed(document: str) -> dict[str, Any]:
    """Return the vectors of a document by their names."""
    loaded = json.loads((FOLDER / document).read_text(encoding="utf-8"))
    if document in {"codes.json", "steps.json"}:
        return {vector["name"]: vector for vector in loaded["records"]}
    if document == "normalise.json":
        sections = {name: vectors for name, vectors in loaded.items() if name != "tables"}
        return {f"{name} {vector['name']}": vector for name, vectors in sections.items() for vector in vectors}
    return dict(loaded)


def _vectors(generate: ModuleType, document: str | None) -> Iterator[tuple[str, str, Any]]:
    """Yield the vectors one by one, so that the first that differs ends the search."""
    for name, make in generate.NAMED.items():
        if document in {None, name}:
            yield from ((name, vector, made) for vector, made in make())


def table() -> str:
    """Return the list of mutations as the table of README.md."""
    rows = [f"| `{one.name}` | {one.section} | {one.says} | `{one.document}` |" for one in MUTATIONS]
    return "\n".join(["| mutation | section | the mistake | noticed by |", "|---|---|---|---|", *rows]) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Change the generator, and see whether a vector notices.")
    parser.add_argument("--list", action="store_true", help="print the table of README.md")
    if parser.parse_args(arguments).list:
        print(table(), end="")
        return 0
    missed = 0
    for mutation in MUTATIONS:
        found = noticed(mutation)
        missed += found is None
        print(f"{mutation.name}: {'NOT NOTICED' if found is None else f'{found.document}, {found.vector}'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
