"""Tests of faults begin with a copy of a registry, except those of how one is created and who may read it."""

from __future__ import annotations

from tests.registries import copied, copy_of, registries

__all__ = ["copied", "copy_of", "registries"]
