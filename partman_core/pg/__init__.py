"""Everything that speaks to PostgreSQL: the only place where SQL is written."""
