"""Places are copied whole and removed whole, on both stores."""

from pathlib import Path

import pytest

from opsconductor.testing.crash.places import HomePlaces, PostgresPlaces


def test_a_copy_is_like_its_template_and_goes_alone(tmp_path: Path) -> None:
    places = HomePlaces(tmp_path, 4711)
    template = places.fresh("template")
    (template.folder / "home").mkdir()
    (template.folder / "home" / "a.db").write_text("rows")
    copy = places.copy(template, "cell-1")
    assert (copy.home / "a.db").read_text() == "rows"
    assert (copy.realm, copy.port, copy.database_url) == ("cell-1", 4711, "")
    places.remove(copy)
    assert [path.name for path in tmp_path.iterdir()] == ["template"]


def test_a_database_is_copied_too(tmp_path: Path, postgresql_server: str) -> None:
    from psycopg import connect, errors

    places = PostgresPlaces(tmp_path, 4711, postgresql_server)
    template = places.fresh("template")
    with connect(template.admin_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    copy = places.copy(template, "cell-1")
    with connect(copy.admin_url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]
    places.remove(copy)
    places.remove(template)
    with pytest.raises(errors.OperationalError, match="does not exist"):
        connect(copy.database_url)
    assert list(tmp_path.iterdir()) == []
