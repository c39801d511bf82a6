"""How a database of an older Zimu becomes one of this: Alembic's scripts, one a schema, in versions/."""
