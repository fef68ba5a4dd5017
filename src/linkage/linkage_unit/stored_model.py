"""The model of a run: the latest one in the registry, or a new one."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.linkage_unit.fitting import PairScorer
from linkage.linkage_unit.refit import refit_reasons_of
from linkage.linking.model import Model
from linkage.store import Session
from pseudonym.profile import Linking

__all__ = ["NumberedModel", "fit_model", "read_model"]


@dataclass(frozen=True, slots=True)
class NumberedModel:
    """A model with its number in the registry.

    Attributes:
        number: Its number; None if there were no pairs to learn from.
        model: The model.
        fitted: Whether it was fitted in this run.
        notes: Constant sentences about its fit, for users.
        refit_reasons: Constant sentences that say why a new one is due.
    """

    number: int | None
    model: Model
    fitted: bool
    notes: tuple[str, ...]
    refit_reasons: tuple[str, ...] = ()


def read_model(session: Session) -> NumberedModel | None:
    """Read the latest model of a registry, with notes on why a refit is due.

    Args:
        session: The open registry.

    Returns:
        The model, or None if none has been stored.
    """
    rows = session.rows("SELECT model, parameters FROM models ORDER BY model DESC LIMIT 1")
    if not rows:
        return None
    number, text = rows[0]
    model = Model.from_json(text)
    notes = (model.note,) if model.note else ()
    return NumberedModel(number, model, False, notes, refit_reasons_of(session, number))


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
