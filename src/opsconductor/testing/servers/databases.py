"""Databases on a real PostgreSQL as an operator would set them up: an owner, and a role that only works."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

OWNER = "opsconductor_test_owner"
WORKER = "opsconductor_test_worker"
_PASSWORD = "opsconductor-test"  # of both roles; the server is a test's
_ONE_AT_A_TIME = 0x54455354


@dataclass(frozen=True, kw_only=True)
class TestDatabase:
    """One database: its owner's URL, that of the role that works, and the superuser's, who sees behind the policies."""

    __test__ = False  # a name that starts like a test's

    name: str
    superuser_url: str

    @property
    def owner_url(self) -> str:
        """Signs in as the role that owns the schema and may make roles."""
        return as_user(self.superuser_url, OWNER)

    @property
    def url(self) -> str:
        """Signs in as a role that owns nothing."""
        return as_user(self.superuser_url, WORKER)

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Statements by the superuser, committed; the rows that the last of them gives."""
        with psycopg.connect(self.superuser_url, options="-c search_path=opsconductor") as connection:
            done = connection.execute(statement)
            while done.nextset():
                pass
            return list(done.fetchall()) if done.description else []

    def empty(self) -> None:
        """Take out every row but those of the migrations, whatever refers to them."""
        tables = self.run(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'opsconductor'::regnamespace AND relkind = 'r'"
            " AND relname <> 'schema_migrations'"
        )
        deletes = [sql.SQL("DELETE FROM {};").format(sql.Identifier(str(name))) for (name,) in tables]
        with psycopg.connect(self.superuser_url, options="-c search_path=opsconductor") as connection:
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(sql.SQL("\n").join(deletes))

    def drop(self) -> None:
        """Remove it, and cut whoever is still connected."""
        with psycopg.connect(on_database(self.superuser_url, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.name)))
            connection.execute(
                sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"opsconductor_app_{self.name}"))
            )


def new_database(server_url: str, name: str) -> TestDatabase:
    """An empty database of the test's owner on the server whose superuser signs in at `server_url`."""
    identifier = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_ONE_AT_A_TIME,))
        for role, rights in ((OWNER, "LOGIN CREATEROLE"), (WORKER, "LOGIN")):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchall():
                made = sql.SQL("CREATE ROLE {} " + rights + " PASSWORD {}")
                connection.execute(made.format(sql.Identifier(role), sql.Literal(_PASSWORD)))
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, sql.Identifier(OWNER)))
    return TestDatabase(name=name, superuser_url=on_database(server_url, name))


def copied_database(server_url: str, template: str, name: str) -> TestDatabase:
    """A new database like `template`, to which nobody may be connected."""
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_ONE_AT_A_TIME,))
        connection.execute(made.format(sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER)))
    return TestDatabase(name=name, superuser_url=on_database(server_url, name))


def as_user(url: str, user: str) -> str:
    """The same database for another user."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{_PASSWORD}@{host}"))


def on_database(url: str, name: str) -> str:
    """Another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
