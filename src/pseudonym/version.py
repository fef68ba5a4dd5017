"""The version of the distribution, which contains both packages."""

from __future__ import annotations

from datetime import date
from typing import Final

__all__ = ["RELEASED", "__version__"]

__version__ = "0.1.0"

RELEASED: Final = date(2026, 11, 30)
"""The day on which this version was made: a clock that shows an earlier one is wrong."""
