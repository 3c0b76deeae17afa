"""Runs the revisions on the connection from `records.database.schema`, within its transaction."""

from alembic import context
from sqlalchemy import Connection

from records.tables import METADATA


def _run() -> None:
    connection = context.config.attributes["connection"]
    if not isinstance(connection, Connection):
        raise TypeError("migrations run by `zaoying db`, not by the command `alembic`")
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        transactional_ddl=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
