"""Every version of every figure (ClickHouse) and the control store (SQLAlchemy)."""
