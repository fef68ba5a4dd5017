"""Errors as the user sees them."""

from __future__ import annotations

from linkage.errors import LinkageError, RosterError, SettingsError
from pseudonym.console import Failure

__all__ = ["explain_error", "failure"]


def explain_error(error: Exception) -> Failure | None:
    """Return what the user sees for an error of `linkage`, or None for any other error."""
    return failure(error) if isinstance(error, LinkageError) else None


def failure(error: LinkageError) -> Failure:
    """Return an error with its path, rule, hint and exit status, and the first line that is wrong in a roster."""
    settings = error if isinstance(error, SettingsError) else None
    return Failure(
        rule=error.rule,
        message=error.message,
        hint=error.hint,
        path=error.path,
        row=error.faults[0][0] if isinstance(error, RosterError) and error.faults else None,
        field=None if settings is None else settings.field,
        allowed=None if settings is None else settings.allowed,
        exit_status=error.exit_status,
    )
