"""PostgreSQL's errors in our words."""

import psycopg
from psycopg import errors

from opsconductor.domain.errors import BadInput, Conflict, InternalFault, OpsConductorError, Unavailable

_FULL = (errors.DiskFull, errors.OutOfMemory)
_DAMAGED = (errors.DataCorrupted, errors.IndexCorrupted)
_SIGN_IN = (errors.InvalidPassword, errors.InvalidAuthorizationSpecification, errors.InvalidCatalogName)
TRY_AGAIN = (errors.DeadlockDetected, errors.SerializationFailure)
"""The transaction was taken back because of another one: the same again may well succeed."""


def is_connection_lost(error: BaseException) -> bool:
    """Whether the server or the way to it is gone, as against a statement that it refused."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return error.sqlstate is None or (
        error.sqlstate[:2] in ("08", "57") and not isinstance(error, errors.QueryCanceled)
    )


def as_our_error(error: BaseException) -> BaseException:
    """The error in our words; errors that are neither PostgreSQL's nor the system's are given back as they are."""
    if isinstance(error, UnicodeEncodeError):
        return BadInput("request.bad_text", "The text holds half of a character pair.")
    if isinstance(error, OSError):
        return Unavailable("store.unavailable", f"The database cannot be reached: {error.strerror}.")
    if not isinstance(error, psycopg.Error):
        return error
    return _of_statement(error) or _of_server(error)


def _of_statement(error: psycopg.Error) -> OpsConductorError | None:
    if isinstance(error, psycopg.IntegrityError):
        return Conflict(
            "store.conflict", f"The store already holds it, or what it belongs to is missing: {told(error)}"
        )
    if isinstance(error, TRY_AGAIN):
        return Conflict("store.conflict", "Another process changed the same at the same time.")
    if isinstance(error, errors.LockNotAvailable):
        return Unavailable("store.locked", "Another process holds what this would change.")
    if isinstance(error, errors.QueryCanceled):
        return Unavailable("store.unavailable", "The database took too long and was asked to stop.")
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return Unavailable("store.read_only", "The database takes no changes.", next_step="Name the primary server.")
    if isinstance(error, errors.InsufficientPrivilege):
        return Unavailable("store.unsafe_role", f"The database refuses this role: {told(error)}")
    if isinstance(error, errors.ProgramLimitExceeded):
        return BadInput("request.too_large", f"A name or id is too long to be stored: {told(error)}")
    return None


def _of_server(error: psycopg.Error) -> OpsConductorError:
    if isinstance(error, _FULL):
        return Unavailable("store.full", "There is no room for the database to grow.")
    if isinstance(error, _DAMAGED):
        return InternalFault("store.corrupt", f"The database says it is damaged: {told(error)}")
    if isinstance(error, (*_SIGN_IN, psycopg.OperationalError, psycopg.InterfaceError)):
        return Unavailable("store.unavailable", f"The database cannot be used: {told(error)}")
    return InternalFault("internal.fault", f"The database refused a statement: {told(error)}")


def told(error: psycopg.Error) -> str:
    """What the server says, in one line that ends with a full stop."""
    text = error.diag.message_primary or " ".join(str(error).split()) or type(error).__name__
    return text.rstrip(".") + "."
