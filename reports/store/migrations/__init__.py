"""The store's schema, step by step: alembic runs what stands in versions/ (reports/store/migrate.py)."""
