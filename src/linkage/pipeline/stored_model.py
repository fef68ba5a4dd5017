"""The model of a run: the one that the registry keeps, or a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linkage.linking.model import Model
from linkage.pipeline.fitting import Weighing
from linkage.store import Session
from pseudonym.profile import Linking

__all__ = ["FIT_AGAIN", "NumberedModel", "fit_model", "read_model"]

GROWN: Final = 2
"""A model that was fitted to fewer records than this part of today's may be worth fitting again."""

FIT_AGAIN: Final = "The registry has more than doubled since the model was fitted; consider link --refit."


@dataclass(frozen=True, slots=True)
class NumberedModel:
    """A model as a run uses it.

    Attributes:
        number: Its number, None if there was nothing to learn from.
        model: The model.
        fitted: Whether it was fitted in this run.
        notes: Constant sentences about it, for a person to read.
    """

    number: int | None
    model: Model
    fitted: bool
    notes: tuple[str, ...]


def read_model(session: Session, n_records: int) -> NumberedModel | None:
    """Read the latest model of a registry; with a note when the registry has outgrown it.

    Args:
        session: The open registry.
        n_records: Records that it has now.

    Returns:
        The model, or None if none was ever kept.
    """
    rows = session.rows("SELECT model, parameters FROM models ORDER BY model DESC LIMIT 1")
    if not rows:
        return None
    number, text = rows[0]
    fitted_to = session.rows("SELECT n_records FROM runs WHERE model = ? ORDER BY run LIMIT 1", number)[0][0]
    model = Model.from_json(text)
    notes = [model.note] if model.note else []
    return NumberedModel(number, model, False, (*notes, *([FIT_AGAIN] if n_records > GROWN * fitted_to else [])))


def fit_model(session: Session, weighing: Weighing, linking: Linking) -> NumberedModel:
    """Fit a model and give it the next number; `run` stores it.

    Args:
        session: The open registry.
        weighing: Its pairs.
        linking: The profile's tables.

    Returns:
        The model.
    """
    model = weighing.fit(linking)
    # A model that has seen no pair is not kept: it would stand in the way of the first that has learned something.
    seen = len(weighing.counts.codes) > 0
    number = session.rows("SELECT coalesce(max(model), 0) + 1 FROM models")[0][0] if seen else None
    return NumberedModel(number, model, number is not None, (model.note,) if model.note else ())
