"""SQLite in one file: WAL, every commit on the disk before it is acknowledged, SQL in `queries/` and `migrations/`."""

from opsconductor.adapters.storage.sqlite.database import SqliteDatabase, open_database
from opsconductor.adapters.storage.sqlite.engine import SqliteStorage, open_storage

__all__ = ["SqliteDatabase", "SqliteStorage", "open_database", "open_storage"]
