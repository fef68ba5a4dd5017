"""Measurements of the library: synthetic people, linkage quality, attacks, speed. Never imported by `src/`."""

from __future__ import annotations
