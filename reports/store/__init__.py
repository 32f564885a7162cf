"""The store: what was read, reviewed and found, kept by content in SQLite or PostgreSQL (docs/store.md).

The only importer of SQLAlchemy and alembic. `open_store` in store.py gives a Store; identity.py says under
which key a finished run is kept.
"""
