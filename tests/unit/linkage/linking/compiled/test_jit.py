"""The decorator for compiled loops."""

from __future__ import annotations

import numba

from linkage.linking.compiled.jit import compiled


def test_an_installation_that_cannot_be_written_compiles_without_a_cache(monkeypatch):
    asked = []

    def njit(**options):
        asked.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available for file")
        return lambda function: function

    monkeypatch.setattr(numba, "njit", njit)
    assert compiled(max) is max
    assert [options.get("cache") for options in asked] == [True, None]
