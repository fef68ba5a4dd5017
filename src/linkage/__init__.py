"""Link encoded records from several reporters (reporting bodies) and count unique persons.

This package is used at the registry. It never sees an identity or a linkage key. It needs the extra `registry`,
which is installed from the folder of the library:

    python -m pip install ".[registry]"

Example:
    ```python
    from linkage import Registry

    with Registry.create("national") as registry:
        registry.receive("police-2026-03.parquet")
        registry.receive("school-2026-03.parquet")
        registry.link()
        print(registry.persons())
    ```
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linkage.audit_log import acting_as
    from linkage.errors import LinkageError, RefusedError
    from linkage.pipeline import Cluster, LinkReport, Receipt, Registry, Summary
    from pseudonym.codebook import codebook_names
    from pseudonym.version import __version__

__all__ = [
    "Cluster",
    "LinkReport",
    "LinkageError",
    "Receipt",
    "RefusedError",
    "Registry",
    "Summary",
    "__version__",
    "acting_as",
    "codebook_names",
]

_OF_ERRORS = frozenset({"LinkageError", "RefusedError"})
_OF_PIPELINE = frozenset({"Cluster", "LinkReport", "Receipt", "Registry", "Summary"})


def __getattr__(name: str) -> Any:
    """Import a name on first use, so that `import linkage` is fast and works without the extra."""
    if name == "__version__":
        from pseudonym.version import __version__

        return __version__
    if name == "acting_as":
        from linkage.audit_log import acting_as

        return acting_as
    if name in _OF_ERRORS:
        from linkage import errors

        return getattr(errors, name)
    if name == "codebook_names":
        from pseudonym.codebook import codebook_names

        return codebook_names
    if name in _OF_PIPELINE:
        from linkage.errors import needing_extra

        with needing_extra():
            from linkage import pipeline
        return getattr(pipeline, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the offered names, whether or not they have been imported yet."""
    return __all__
