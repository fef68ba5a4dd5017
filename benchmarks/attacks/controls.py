"""Positive controls: encodings that are known to be weak, attacked in the same run.

An attack suite that finds nothing either faces a strong encoding or is broken, and its figures do not show which. So
each run also attacks `clk`, whose similarity graph is visible [Vidanage2020]; a profile of MinHash bands whose row
functions the attacker knows, compared with secret rows; contents without a pad, compared with padded ones; a match key
of sex alone, in whose groups values are frequent enough to be aligned [Christen2017]; and `clk` again, by patterns of
bits [Christen2018]. If `clk` withstands, or the others show no gain, the run fails.

`known` and `edges` live on two inputs, shared match keys and the contents under them. Each is given once as it is, so
that the attack must name many, and once thrown away, so that it must fall to about chance: an attack that ignores an
input names as few with it as without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.metrics import Tally
from benchmarks.attacks.on_registries.stolen import purge
from benchmarks.attacks.trials import Trial, run_trial
from benchmarks.attacks.world.variants import unpadded, with_encoding
from benchmarks.attacks.world.view import View
from pseudonym.profile import Profile, load_profile

__all__ = ["INPUTS", "Control", "compare", "controls", "input_controls", "minhash_only", "one_coarse_key"]

CLK_FALLS: Final = 0.95
"""Minimum share of a `clk` registry that must be re-identified without known pairs."""

GAIN: Final = 0.2
"""Minimum gain, in share re-identified, that public rows, large groups and open filters must show."""

SHAPE_GAIN: Final = 5.0
"""Minimum multiple of chance for the fill of unpadded contents; it must also be over twice that of padded ones."""

CONNECTED: Final = 200
"""Records of a register in the controls of inputs, most of whom share match keys."""

Input = tuple[str, str, float, float]

INPUTS: Final[tuple[Input, ...]] = (
    ("known, shared keys", "known", 0.2, 0.1),
    ("known, contents", "known", 0.2, 0.2),
    ("edges, shared keys", "edges", 0.2, 0.07),
    ("edges, contents", "edges", 0.0, 0.4),
)
"""Controls of inputs: name, attack, share known, and the minimum gain of the input, in share re-identified."""

WITHOUT: Final = 0.05
"""Maximum share re-identified without the input; one in 200 is chance."""

SEED: Final = 1


@dataclass(frozen=True)
class Control:
    """The result of one control.

    Attributes:
        name: Its name.
        weak: Share re-identified with the weak encoding.
        strong: The same with a sound encoding, or None if there is no comparison.
        chance: Chance level.
        works: Whether the attack shows the gain that it must.
        beside: What `strong` is of.
    """

    name: str
    weak: float
    strong: float | None
    chance: float
    works: bool
    beside: str = "sound encoding"


def minhash_only(profile: Profile) -> Profile:
    """Return a profile of the number and coarse MinHash bands, which public row functions give away."""
    weights = {"name_bigram": 1, "birth_date": 2, "serial": 2}
    keys = [
        {"kind": "number", "parts": ["number"], "codes": 1},
        {"kind": "minhash", "bands": 60, "rows": 4, "weights": weights},
    ]
    return with_encoding(profile, "attack-minhash", match_keys=keys)


def one_coarse_key(profile: Profile) -> Profile:
    """Return a profile whose only match key is sex: a few groups of thousands, with realistic frequencies."""
    return with_encoding(profile, "attack-coarse", match_keys=[{"kind": "sex", "parts": ["sex"], "codes": 1}])


def compare(name: str, weak: Tally, strong: Tally | None, *, works: Callable[[float, float, float], bool]) -> Control:
    """Compare the counts of a weak and a sound encoding.

    Args:
        name: Name of the control.
        weak: Counts on the weak encoding.
        strong: Counts on the sound encoding.
        works: Decides from both shares and the chance level whether the attack works.

    Returns:
        The control.
    """
    chance = weak.chance / max(weak.records, 1)
    other = strong.share if strong is not None else 0.0
    return Control(name, weak.share, None if strong is None else other, chance, works(weak.share, other, chance))


def controls(n: int = 1000) -> Iterator[Control]:
    """Attack encodings that are known to be weak.

    Args:
        n: Records in each registry.

    Yields:
        The controls as they finish.
    """
    scenario = Scenario("children", n)
    graph = _run("graph", scenario, load_profile("clk"))
    yield compare("clk", graph, None, works=lambda weak, strong, chance: weak >= CLK_FALLS)
    base = load_profile("case-registry")
    rows = minhash_only(base)
    yield compare(
        "public rows",
        _run("refinement", scenario, rows, public_rows=True),
        _run("refinement", scenario, rows),
        works=lambda weak, strong, chance: weak >= strong + GAIN,
    )
    large, base_view = one_coarse_key(base), Scene(scenario, base, SEED)
    yield compare(
        "frequencies",
        _run("frequency", scenario, large),
        _tried("frequency", base_view),
        works=lambda weak, strong, chance: weak >= strong + GAIN,
    )
    yield compare(
        "patterns",
        _run("patterns", scenario, load_profile("clk")),
        _tried("patterns", base_view),
        works=lambda weak, strong, chance: weak >= strong + GAIN,
    )
    yield compare(
        "no pad",
        _run("shape", scenario, unpadded(base)),
        _tried("shape", base_view),
        works=lambda weak, strong, chance: weak >= SHAPE_GAIN * chance and weak > 2 * strong,
    )
    yield from input_controls(min(n, CONNECTED))


def input_controls(n: int = CONNECTED, inputs: Sequence[Input] = INPUTS) -> Iterator[Control]:
    """Give `known` and `edges` each of their inputs as it is, and throw it away.

    Args:
        n: Records in the register, most of whom share match keys.
        inputs: Some of `INPUTS`.

    Yields:
        A control for each attack and input.
    """
    scene = Scene(Scenario("dense", n), load_profile("case-registry"), SEED)
    seen = scene.view
    hidden = replace(seen, bare=frozenset(range(len(seen.encoding.match_keys))))
    # Shared match keys are judged without contents, which alone could name as many.
    views = {"shared keys": (hidden, purge(hidden, SEED)), "contents": (seen, _noise(seen))}
    for name, attack, known, gain in inputs:
        counts = []
        for scene.view in views[name.split(", ")[1]]:
            counts.append(run_trial(scene, Trial(attack, scene.scenario, known))[0])
        weak, strong = (one.share for one in counts)
        works = strong <= WITHOUT and weak >= strong + gain
        yield Control(name, weak, strong, counts[0].chance / counts[0].records, works, "thrown away")


def _noise(view: View) -> View:
    """Return the view of a registry whose contents are noise."""
    words = np.random.default_rng([SEED, 47]).integers(0, 2**64, view.words.shape, np.uint64)
    return replace(view, words=words)


def _run(attack: str, scenario: Scenario, profile: Profile, *, public_rows: bool = False) -> Tally:
    return _tried(attack, Scene(scenario, profile, SEED, public_rows=public_rows))


def _tried(attack: str, scene: Scene) -> Tally:
    return run_trial(scene, Trial(attack, scene.scenario))[0]
