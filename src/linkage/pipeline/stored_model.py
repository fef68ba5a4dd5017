"""The model of a run: the latest one in the registry, or a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linkage.linking.model import Model
from linkage.pipeline.fitting import PairScorer
from linkage.store import Session
from pseudonym.profile import Linking

__all__ = ["FIT_AGAIN", "NumberedModel", "fit_model", "read_model"]

GROWN: Final = 2
"""If the registry has grown by more than this factor since the fit, fitting again may be worthwhile."""

FIT_AGAIN: Final = "The registry has more than doubled since the model was fitted; consider link --refit."


@dataclass(frozen=True, slots=True)
class NumberedModel:
    """A model with its number in the registry.

    Attributes:
        number: Its number; None if there were no pairs to learn from.
        model: The model.
        fitted: Whether it was fitted in this run.
        notes: Constant sentences about it, for users.
    """

    number: int | None
    model: Model
    fitted: bool
    notes: tuple[str, ...]


def read_model(session: Session, n_records: int) -> NumberedModel | None:
    """Read the latest model of a registry, with a note if the registry has outgrown it.

    Args:
        session: The open registry.
        n_records: Number of current records.

    Returns:
        The model, or None if none has been stored.
    """
    rows = session.rows("SELECT model, parameters FROM models ORDER BY model DESC LIMIT 1")
    if not rows:
        return None
    number, text = rows[0]
    fitted_to = session.rows("SELECT n_records FROM runs WHERE model = ? ORDER BY run LIMIT 1", number)[0][0]
    model = Model.from_json(text)
    notes = [model.note] if model.note else []
    return NumberedModel(number, model, False, (*notes, *([FIT_AGAIN] if n_records > GROWN * fitted_to else [])))


def fit_model(session: Session, scorer: PairScorer, linking: Linking) -> NumberedModel:
    """Fit a model and assign it the next number; `run` stores it.

    Args:
        session: The open registry.
        scorer: Its pairs.
        linking: The profile's tables.

    Returns:
        The model.
    """
    model = scorer.fit(linking)
    # A model fitted to no pairs gets no number and is not stored, so the next run fits one.
    has_pairs = len(scorer.counts.codes) > 0
    number = session.rows("SELECT coalesce(max(model), 0) + 1 FROM models")[0][0] if has_pairs else None
    return NumberedModel(number, model, number is not None, (model.note,) if model.note else ())
