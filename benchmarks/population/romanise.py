"""Cyrillic names in the Latin spellings that Swedish reporters meet: passport, English and Swedish transliterations.

The schemes are simplified (no rules by position) but make spellings of one name differ as they do in practice.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LANGUAGES", "romanise"]

_COMMON: Final = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ъ": "", "ы": "y", "э": "e", "ё": "e",
    "ю": "iu", "я": "ia", "є": "ie", "і": "i", "ї": "i", "’": "", "'": "", "ʼ": "",
}  # fmt: skip
_ENGLISH: Final = _COMMON | {"й": "y", "ю": "yu", "я": "ya", "є": "ye", "ї": "yi", "ё": "yo"}
_SWEDISH: Final = _COMMON | {
    "ж": "zj", "й": "j", "х": "ch", "ч": "tj", "ш": "sj", "щ": "sjtj", "ю": "ju", "я": "ja", "є": "je", "ї": "ji",
    "ё": "jo",
}  # fmt: skip
_UKRAINIAN: Final = {"г": "h", "и": "y"}
_BULGARIAN: Final = {"й": "y", "х": "h", "щ": "sht", "ъ": "a", "ь": "y", "ю": "yu", "я": "ya"}

# The schemes of each language, the passport's first.
LANGUAGES: Final = {
    "ukrainian": (_COMMON | _UKRAINIAN, _ENGLISH | _UKRAINIAN, _SWEDISH | _UKRAINIAN, _COMMON),
    "russian": (_COMMON, _ENGLISH, _SWEDISH),
    "bulgarian": (_COMMON | _BULGARIAN, _ENGLISH, _SWEDISH | {"щ": "sjt", "ъ": "a"}),
}


def romanise(name: str, language: str) -> tuple[str, ...]:
    """Return the distinct Latin spellings of a Cyrillic name in its language, the passport's first."""
    spellings = ("".join(scheme.get(c, c) for c in name.lower()).title() for scheme in LANGUAGES[language])
    return tuple(dict.fromkeys(spellings))
