import psycopg
import pytest

from opsconductor.testing.servers.databases import OWNER, WORKER, TestDatabase, as_user, new_database, on_database


def test_owner_and_worker_are_no_superusers(postgresql_database: TestDatabase) -> None:
    for url, role in ((postgresql_database.owner_url, OWNER), (postgresql_database.url, WORKER)):
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT current_user::text, rolsuper FROM pg_roles WHERE rolname = current_user")
            assert row.fetchone() == (role, False)


def test_emptying_takes_every_row_but_the_schemas(postgresql_database: TestDatabase) -> None:
    postgresql_database.run("INSERT INTO store_facts VALUES ('a', 'b')")
    postgresql_database.empty()
    assert postgresql_database.run("SELECT * FROM store_facts") == []
    assert postgresql_database.run("SELECT 1; SELECT count(*) > 0 FROM schema_migrations") == [(True,)]


def test_a_database_is_made_anew_and_dropped(postgresql_server: str, worker_id: str) -> None:
    name = f"opsconductor_made_{worker_id}"
    database = new_database(postgresql_server, name)
    database.run("CREATE TABLE public.x ()")
    database = new_database(postgresql_server, name)
    assert database.run("SELECT to_regclass('public.x')") == [(None,)]
    database.drop()
    with pytest.raises(psycopg.OperationalError):
        database.run("SELECT 1")


def test_urls_keep_what_is_not_changed() -> None:
    assert on_database("postgresql://a:b@h:5/x?host=/tmp", "y") == "postgresql://a:b@h:5/y?host=/tmp"
    assert as_user("postgresql://a:b@h:5/x?host=/tmp", "c").startswith("postgresql://c:")
    assert as_user("postgresql://h/x", "c").endswith("@h/x")
