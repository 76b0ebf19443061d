"""Makes the places of cells: a fresh one to be prepared, any number of copies of it, and none left behind."""

import shutil
from dataclasses import replace
from pathlib import Path

from opsconductor.testing.crash.place import Place


class HomePlaces:
    """The record is SQLite in the home: a copied folder is a copied place."""

    def __init__(self, folder: Path, port: int) -> None:
        """All places are folders in `folder`; their World listens on `port`."""
        self._folder = folder
        self._port = port

    def fresh(self, name: str) -> Place:
        """A place with nothing in it."""
        folder = self._folder / name
        folder.mkdir(parents=True)
        return Place(folder=folder, port=self._port, realm=name)

    def copy(self, template: Place, name: str) -> Place:
        """A place that is like `template`, which nobody uses meanwhile."""
        shutil.copytree(template.folder, self._folder / name)
        return replace(template, folder=self._folder / name, realm=name)

    def remove(self, place: Place) -> None:
        """Leave nothing of it."""
        shutil.rmtree(place.folder)


class PostgresPlaces(HomePlaces):
    """The record is a database of its own on a real PostgreSQL, copied by the server."""

    def __init__(self, folder: Path, port: int, server_url: str) -> None:
        """The server's superuser signs in at `server_url`."""
        super().__init__(folder, port)
        self._server_url = server_url

    def fresh(self, name: str) -> Place:
        """See above."""
        from opsconductor.testing.servers.databases import new_database

        database = new_database(self._server_url, _database_name(name))
        return replace(super().fresh(name), database_url=database.url, admin_url=database.owner_url)

    def copy(self, template: Place, name: str) -> Place:
        """See above."""
        from opsconductor.testing.servers.databases import copied_database

        database = copied_database(self._server_url, _database_name(template.realm), _database_name(name))
        return replace(super().copy(template, name), database_url=database.url, admin_url=database.owner_url)

    def remove(self, place: Place) -> None:
        """See above."""
        from opsconductor.testing.servers.databases import TestDatabase, on_database

        name = _database_name(place.realm)
        TestDatabase(name=name, superuser_url=on_database(self._server_url, name)).drop()
        super().remove(place)


def _database_name(name: str) -> str:
    return "crash_" + name.lower().replace("-", "_")
