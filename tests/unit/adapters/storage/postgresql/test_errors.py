import psycopg
import pytest
from psycopg import errors

from opsconductor.adapters.storage.postgresql.errors import as_our_error, is_connection_lost, told
from opsconductor.domain.errors import OpsConductorError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UniqueViolation("x"), "store.conflict"),
        (errors.ForeignKeyViolation("x"), "store.conflict"),
        (errors.DeadlockDetected("x"), "store.conflict"),
        (errors.SerializationFailure("x"), "store.conflict"),
        (errors.LockNotAvailable("x"), "store.locked"),
        (errors.QueryCanceled("x"), "store.unavailable"),
        (errors.AdminShutdown("x"), "store.unavailable"),
        (errors.TooManyConnections("x"), "store.unavailable"),
        (errors.ReadOnlySqlTransaction("x"), "store.read_only"),
        (errors.InsufficientPrivilege("x"), "store.unsafe_role"),
        (errors.ProgramLimitExceeded("x"), "request.too_large"),
        (errors.DiskFull("x"), "store.full"),
        (errors.DataCorrupted("x"), "store.corrupt"),
        (errors.InvalidPassword("x"), "store.unavailable"),
        (psycopg.OperationalError("connection\nlost"), "store.unavailable"),
        (psycopg.InterfaceError("closed"), "store.unavailable"),
        (errors.UndefinedTable("x"), "internal.fault"),
        (ConnectionRefusedError(111, "Connection refused"), "store.unavailable"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "x"), "request.bad_text"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_code(error: Exception, code: str) -> None:
    ours = as_our_error(error)
    assert isinstance(ours, OpsConductorError)
    assert ours.code == code
    assert "\n" not in ours.message


def test_an_error_of_ours_is_given_back() -> None:
    error = ZeroDivisionError()
    assert as_our_error(error) is error


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (psycopg.OperationalError("the connection is lost"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (errors.AdminShutdown("x"), True),
        (errors.CannotConnectNow("x"), True),
        (errors.ConnectionFailure("x"), True),
        (errors.QueryCanceled("x"), False),
        (errors.DeadlockDetected("x"), False),
        (errors.UniqueViolation("x"), False),
        (ValueError("x"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_lost_connection_is_told_from_a_refused_statement(error: Exception, lost: bool) -> None:
    assert is_connection_lost(error) is lost


def test_what_the_server_says_is_one_sentence() -> None:
    assert told(errors.UniqueViolation("it is\n  there.")) == "it is there."
    assert told(errors.UniqueViolation("")) == "UniqueViolation."
