"""The control store (控制库): what needs uniqueness and compare-and-set.

SQLite on one machine, PostgreSQL by URL. Every function takes a SQLAlchemy connection first, so
that callers decide what is one transaction: `with schema.engine(url).begin() as connection: ...`.
"""
