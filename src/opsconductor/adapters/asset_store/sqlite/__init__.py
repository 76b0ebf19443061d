"""Assets in SQLite: rows that share their kinds, and indexes for names and addresses in any case."""

from opsconductor.adapters.asset_store.sqlite.engine import SqliteAssetStore

__all__ = ["SqliteAssetStore"]
