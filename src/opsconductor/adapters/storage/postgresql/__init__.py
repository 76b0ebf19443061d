"""PostgreSQL: one transaction a unit, rows of tenants kept apart by the database itself, SQL in `queries/` and
`migrations/`. Needs the extra `postgres`; nothing else imports this package.
"""

from opsconductor.adapters.storage.postgresql.engine import PostgresStorage, open_storage
from opsconductor.adapters.storage.postgresql.opening import StoreAddress, examine, open_database

__all__ = ["PostgresStorage", "StoreAddress", "examine", "open_database", "open_storage"]
