"""Errors as the user sees them."""

from __future__ import annotations

from linkage.errors import LinkageError, SettingsError
from pseudonym.console import Failure

__all__ = ["explain_error", "failure"]


def explain_error(error: Exception) -> Failure | None:
    """Return what the user sees for an error of `linkage`, or None for any other error."""
    return failure(error) if isinstance(error, LinkageError) else None


def failure(error: LinkageError) -> Failure:
    """Return the message with the path, the field and the rule, the hint, and the exit status."""
    path = "" if error.path is None else f"{error.path}: "
    field = f" [{error.field}]" if isinstance(error, SettingsError) and error.field is not None else ""
    return Failure(f"{path}{error.message}{field} ({error.rule})", error.hint, error.exit_status)
