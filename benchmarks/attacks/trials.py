"""The attacks by name, and the trials of each suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.evidence.scoring import Landmarks
from benchmarks.attacks.metrics import Claims, Tally, tally
from benchmarks.attacks.on_codes import dictionary, edges, frequency, graph, known, patterns, payload, shape

__all__ = ["ATTACKS", "SEEDS", "SUITES", "Trial", "run_trial"]

SEEDS: Final = (1, 2, 3)
"""Seeds of populations, keys and draws; the counts are added up."""

NOBODY: Final = Landmarks(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Trial:
    """One attack in one scenario.

    Attributes:
        attack: The name of the attack.
        scenario: The scenario.
        known: Share of the registry that the attacker already knows.
        payload: Whether the attack uses the payload.
        seeds: Maximum number of seeds, since some trials take long; 0 for no limit.
    """

    attack: str
    scenario: Scenario
    known: float = 0.0
    payload: bool = False
    seeds: int = 0

    def name(self) -> str:
        """Return the name of the trial, for display."""
        parts = [self.attack, self.scenario.title()]
        parts += [f"{self.known:.0%} known"] if self.known else []
        parts += ["payload"] if self.payload else []
        return ", ".join(parts)


def _graph(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    return graph.attack(scene.view, scene.predicted, rng=rng)


def _known(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    world = scene.world
    pairs = scene.known(trial.known) if trial.known else NOBODY
    items = (world.payload, world.known_payload) if trial.payload else None
    return known.attack(scene.view, scene.predicted, pairs, closed=scene.scenario.closed, rng=rng, payload=items)


def _edges(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    world = scene.world
    return edges.attack(
        scene.view,
        scene.predicted,
        scene.known(trial.known) if trial.known else NOBODY,
        rng=rng,
        payload=(world.payload, world.known_payload) if trial.payload else None,
        pairs=scene.candidate_pairs,
    )


def _dictionary(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    return dictionary.attack(scene.view, scene.predicted, scene.known(trial.known), rng=rng)


def _frequency(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    return frequency.attack(scene.view, scene.predicted, rng=rng)


def _patterns(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    return patterns.attack(scene.view, scene.predicted, rng=rng)


def _shape(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    return shape.attack(scene.view, scene.predicted, rng=rng)


def _payload(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    return payload.attack(scene.world.payload, scene.world.known_payload, rng=rng)


def _bridges(scene: Scene, trial: Trial, rng: np.random.Generator) -> Claims:
    old, row_of = scene.old_epoch
    rows = scene.known(trial.known).row
    return known.attack(scene.view, old, Landmarks(rows, row_of[rows]), closed=True, rng=rng)


ATTACKS: Final[dict[str, tuple[Callable[[Scene, Trial, np.random.Generator], Claims], str]]] = {
    "graph": (_graph, "unseeded matching of similarity graphs"),
    "refinement": (
        _known,
        "colour refinement of shared match keys without known pairs; its claims serve as known pairs",
    ),
    "known": (_known, "known pairs, with all signals combined"),
    "edges": (
        _edges,
        "what records that share match keys show of each other, placed jointly; with or without known pairs",
    ),
    "dictionary": (_dictionary, "bits and tokens learned from known pairs inside groups"),
    "frequency": (_frequency, "alignment of frequent groups and values"),
    "patterns": (_patterns, "mining of bits that occur together"),
    "shape": (_shape, "number of ones"),
    "payload": (_payload, "payload only"),
    "bridges": (_bridges, "bridge records between two epochs as known pairs"),
}
"""The attacks; `keyholder` is a reported fact and not among them."""


def run_trial(scene: Scene, trial: Trial) -> tuple[Tally, dict[str, Any]]:
    """Run one attack on one scene.

    Args:
        scene: The scene, of the trial's scenario.
        trial: The trial.

    Returns:
        The counts, and figures specific to the attack.
    """
    rng = np.random.default_rng([scene.seed, 11, *trial.attack.encode()])
    claims = ATTACKS[trial.attack][0](scene, trial, rng)
    truth = scene.world.truth if trial.attack != "bridges" else scene.old_epoch[1]
    unknown = np.ones(len(truth), dtype=bool)
    if trial.known:
        unknown[scene.known(trial.known).row] = False
    counts = tally(
        claims,
        truth,
        unknown=unknown,
        n_candidates=len(scene.world.candidates) - int((~unknown).sum()),
        groups=scene.groups,
    )
    return counts, _facts(scene, trial)


def _facts(scene: Scene, trial: Trial) -> dict[str, Any]:
    if trial.attack == "payload":
        return payload.figures(scene.world.payload, scene.world.known_payload)
    if trial.attack == "shape":
        return shape.figures(scene.view)
    return {}


def _quick() -> Iterator[Trial]:
    children = Scenario("children", 5000)
    wide = Scenario("children", 5000, factor=10)
    yield Trial("refinement", children)
    yield Trial("frequency", children)
    yield Trial("patterns", children)
    yield Trial("shape", children)
    yield Trial("payload", children)
    yield Trial("dictionary", children, 0.2)
    yield Trial("bridges", children, 0.01)
    for share in (0.01, 0.2):
        yield Trial("known", children, share)
    yield Trial("known", children, 0.01, payload=True)
    yield Trial("known", wide, 0.01)
    yield Trial("payload", wide)
    for share in (0.0, 0.2):
        yield Trial("edges", children, share, seeds=1)
    for overlap in (1.0, 0.5, 0.2):
        yield Trial("graph", Scenario("children", 3000, overlap=overlap))
    yield Trial("graph", Scenario("children", 800, factor=5))
    yield from _denser((Scenario("adults", 2000), Scenario("dense", 5000), Scenario("new_year", 1800)))


def _denser(scenarios: tuple[Scenario, ...]) -> Iterator[Trial]:
    for scenario in scenarios:
        yield Trial("refinement", scenario)
        yield Trial("known", scenario, 0.01)
        yield Trial("known", scenario, 0.2)
        if scenario.population != "adults":
            yield Trial("dictionary", scenario, 0.2)
            for attack in ("frequency", "patterns", "shape"):
                yield Trial(attack, scenario)
    yield Trial("graph", Scenario("dense", 1500))


def _full() -> Iterator[Trial]:
    children = Scenario("children", 5000)
    yield from (trial for trial in _quick() if not trial.seeds)
    yield from (replace(trial, seeds=0) for trial in _edge_trials())
    yield Trial("known", children, 0.1)
    yield Trial("known", children, 0.2, payload=True)
    for share in (0.1, 0.2):
        yield Trial("known", Scenario("children", 5000, factor=10), share)
        yield Trial("bridges", children, share)
    yield Trial("known", Scenario("children", 5000, factor=10), 0.01, payload=True)
    yield Trial("known", Scenario("children", 2000, factor=100), 0.01)
    for overlap in (0.5, 0.2):
        yield Trial("known", Scenario("children", 5000, overlap=overlap), 0.01)
    yield Trial("graph", children)
    yield Trial("graph", Scenario("children", 500, factor=10))
    numberless = Scenario("children", 5000, numbers=False)
    yield Trial("refinement", numberless)
    for share in (0.01, 0.2):
        yield Trial("known", numberless, share)
    for population in ("adults", "dense", "new_year"):
        scenario = Scenario(population, 5000 if population != "adults" else 2000)
        yield Trial("known", scenario, 0.1)
        yield Trial("known", Scenario(population, 2000, factor=10), 0.01)
        yield Trial("frequency", scenario)
        yield Trial("patterns", scenario)
        yield Trial("shape", scenario)
        yield Trial("graph", Scenario(population, 1500))
        yield Trial("payload", scenario)


def _edge_trials() -> Iterator[Trial]:
    children = Scenario("children", 5000)
    for share in (0.0, 0.2):
        yield Trial("edges", children, share, seeds=2)
    yield Trial("known", children, 0.2, seeds=2)
    yield Trial("edges", children, payload=True, seeds=2)
    # Where nearly everybody is connected, the attack takes minutes for each thousand records.
    for share in (0.0, 0.2):
        yield Trial("edges", Scenario("dense", 1000), share, seeds=2)


SUITES: Final[dict[str, tuple[Trial, ...]]] = {
    "quick": tuple(_quick()),
    "full": tuple(dict.fromkeys(_full())),
    "edges": tuple(_edge_trials()),
}
"""The trials by suite."""
