"""The generated sections of the threat model and of the pages on profiles and on attacks, from the result files alone.

A section lies between `<!-- attacks:NAME:begin -->` and `<!-- attacks:NAME:end -->`. The command
`python -m benchmarks.attacks docs` regenerates all sections, and a test compares the pages with its output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.attacks.pages.frontier_docs import contents, fingerprint, frontier, shipped
from benchmarks.attacks.pages.result_docs import (
    body_keys,
    clusters,
    draws,
    forging,
    households,
    probing,
    settled,
    split,
    stolen,
)
from benchmarks.attacks.pages.suite_docs import attacks, edges, gates, trials
from benchmarks.pages import replace_section
from benchmarks.paths import DOCS, RESULTS
from benchmarks.results import read_result

__all__ = ["SECTIONS", "generate", "write_docs"]

PROFILES: Final = DOCS / "explanation" / "profiles.md"
THREATS: Final = DOCS / "threat-model.md"
ATTACKS: Final = DOCS / "reference" / "attacks.md"

SECTIONS: Final[Mapping[Path, Mapping[str, Callable[[Path], str]]]] = {
    PROFILES: {
        "attacks:frontier": frontier,
        "attacks:contents": contents,
        "attacks:fingerprint": fingerprint,
        "attacks:shipped": shipped,
        "attacks:gates": gates,
    },
    ATTACKS: {"attacks:trials": trials},
    THREATS: {
        "attacks:attacks": attacks,
        "attacks:edges": edges,
        "attacks:settled": settled,
        "attacks:split": split,
        "attacks:stolen": stolen,
        "attacks:households": households,
        "attacks:draws": draws,
        "attacks:body-keys": body_keys,
        "attacks:clusters": clusters,
        "attacks:forging": forging,
        "attacks:probing": probing,
    },
}
"""The generated sections by page."""


def generate(page: Path, folder: Path = RESULTS) -> str:
    """Return the text of a page with its sections generated anew.

    Args:
        page: One of `SECTIONS`.
        folder: Folder of the result files.

    Raises:
        ValueError: A mark is missing or repeated.
    """
    text = page.read_text(encoding="utf-8")
    for section, make in SECTIONS[page].items():
        text = replace_section(text, section, make(folder))
    return text


def write_docs(folder: Path = RESULTS) -> list[Path]:
    """Write all generated sections, and the plots beside them.

    Args:
        folder: Folder of the result files.

    Returns:
        The paths of the files written.
    """
    from benchmarks.attacks.frontier.plots import draw  # It imports matplotlib.

    for page in SECTIONS:
        page.write_text(generate(page, folder), encoding="utf-8", newline="\n")
    return [*SECTIONS, *draw(read_result("frontier", folder)["figures"], PROFILES.parent)]
