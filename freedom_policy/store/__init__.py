"""Where records are kept: models, migrations, ingest (writes) and queries (reads), on SQLite or PostgreSQL."""
