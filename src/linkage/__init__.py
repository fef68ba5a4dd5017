"""Link records that reporting bodies have encoded, and count unique persons, without reading whose they are.

This package is used at the registry. It never sees an identity nor a linkage key. It needs the extra `registry`:

    pip install "pseudonym-linkage[registry]"

Example:
    ```python
    from linkage import Registry

    with Registry.create("national.duckdb") as registry:
        registry.receive("police-2026-03.parquet")
        registry.receive("school-2026-03.parquet")
        registry.link()
        print(registry.persons())
    ```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from linkage.errors import LinkageError, missing_extra

if TYPE_CHECKING:
    from linkage.pipeline import LinkReport, Receipt, Registry

__all__ = ["LinkReport", "LinkageError", "Receipt", "Registry"]

_LAZY = frozenset({"LinkReport", "Receipt", "Registry"})


def __getattr__(name: str) -> Any:
    """Load what needs the extra when it is first asked for, so that the bare package can be imported without it."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from linkage import pipeline
    except ModuleNotFoundError as error:
        explained = missing_extra(error)
        if explained is None:
            raise
        raise explained from None
    return getattr(pipeline, name)
