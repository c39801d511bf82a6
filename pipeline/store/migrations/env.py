"""What Alembic runs: the scripts, on the connection that `pipeline.store.migrate` opened and locked."""

from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], version_table=attributes["version_table"])
with context.begin_transaction():
    context.run_migrations()
