"""What the listener must know of a statement before the engine parses it."""

import pytest

from storage.embedded.faults import ServerError
from storage.embedded.statements import Kind, parse


@pytest.mark.parametrize(
    ("sql", "kind", "engine_sql"),
    [
        ("SELECT 1;", Kind.STREAM, "SELECT 1"),
        ("/* why */ WITH 1 AS a SELECT a -- ;\n", Kind.STREAM, "/* why */ WITH 1 AS a SELECT a"),
        ("(SELECT 1) UNION ALL (SELECT 2)", Kind.STREAM, "(SELECT 1) UNION ALL (SELECT 2)"),
        ("SELECT ';', `a;b`, \"c;\", $x$;$x$", Kind.STREAM, "SELECT ';', `a;b`, \"c;\", $x$;$x$"),
        ("SELECT '\\';', '''; '", Kind.STREAM, "SELECT '\\';', '''; '"),
        ("SHOW TABLES", Kind.ROWS, "SHOW TABLES"),
        ("KILL QUERY WHERE 1", Kind.ROWS, "KILL QUERY WHERE 1"),
        ("SET a = 1", Kind.SET, "SET a = 1"),
        ("SET ROLE x", Kind.COMMAND, "SET ROLE x"),
        ("USE `granary`;", Kind.USE, "USE `granary`"),
        ("OPTIMIZE TABLE t FINAL", Kind.COMMAND, "OPTIMIZE TABLE t FINAL"),
        ("INSERT INTO t SELECT 1", Kind.COMMAND, "INSERT INTO t SELECT 1"),
        ("INSERT INTO t (SELECT 1)", Kind.COMMAND, "INSERT INTO t (SELECT 1)"),
        ("INSERT INTO t VALUES (1), (';')", Kind.COMMAND, "INSERT INTO t VALUES (1), (';')"),
        ("INSERT INTO t FORMAT CSV\n1", Kind.COMMAND, "INSERT INTO t FORMAT CSV\n1"),
    ],
)
def test_a_statement_is_run_as_its_kind(sql: str, kind: Kind, engine_sql: str) -> None:
    statement = parse(sql)
    assert (statement.kind, statement.sql) == (kind, engine_sql)


@pytest.mark.parametrize(
    ("sql", "left"),
    [
        ("SELECT 1 FORMAT JSON", "SELECT 1"),
        ("SELECT 1 SETTINGS max_threads = 1 FORMAT `JSON`", None),
        ("SELECT 1 FORMAT JSON SETTINGS max_threads = 1;", "SELECT 1   SETTINGS max_threads = 1"),
        ("SELECT 1 /* ; */ FORMAT /* x */ Native -- end", "SELECT 1 /* ; */"),
        ("SELECT 1 AS format", None),
        ("SELECT format FROM t", None),
        ("SELECT x AS format FROM t", None),
        ("SELECT * FROM format f", None),
    ],
)
def test_only_a_format_clause_is_taken_off(sql: str, left: str | None) -> None:
    assert parse(sql).sql.strip() == (sql if left is None else left)


@pytest.mark.parametrize(
    ("sql", "target", "columns", "settings"),
    [
        ("INSERT INTO t VALUES", "t", "", ""),
        ("insert into table db.`t x` (a, `b c`) values ;", "db.`t x`", "a, `b c`", ""),
        ("INSERT INTO t(a)", "t", "a", ""),
        ("INSERT INTO t (a) FORMAT Native", "t", "a", ""),
        ("INSERT INTO t (* EXCEPT(b)) VALUES", "t", "* EXCEPT(b)", ""),
        ("INSERT INTO t (a) SETTINGS x = 1, y = 'z' VALUES", "t", "a", "SETTINGS x = 1, y = 'z' "),
        ('INSERT INTO "values" VALUES', '"values"', "", ""),
    ],
)
def test_an_insert_without_data_waits_for_the_clients_blocks(
    sql: str, target: str, columns: str, settings: str
) -> None:
    statement = parse(sql)
    assert statement.kind is Kind.INSERT
    assert (statement.target, statement.columns, statement.settings) == (target, columns, settings)
    assert "VALUES" not in statement.sql.replace('"values"', "").upper()
    assert "SETTINGS" not in statement.sql


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("", 62),
        (" ; -- nothing", 62),
        ("SELECT 1; SELECT 2", 62),
        ("SELECT 1 /* ; */ ; DROP TABLE t", 62),
        ("SELECT '‘' ; DROP TABLE t", 62),
        ("SELECT ‘'’; DROP TABLE t --'", 62),
        ("#\n; DROP TABLE t", 62),
        ("INSERT INTO t; DROP TABLE t", 62),
        ("SELECT 1 INTO /* x */ OUTFILE 'x'", 358),
        ("INSERT INTO t FROM INFILE 'x' FORMAT CSV", 358),
    ],
)
def test_what_a_listener_must_not_pass_on_is_refused(sql: str, code: int) -> None:
    with pytest.raises(ServerError) as failure:
        parse(sql)
    assert failure.value.number == code
