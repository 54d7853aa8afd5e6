"""What a client reads: values, types, headers, exceptions; and what a query leaves behind."""

import datetime as dt
import threading
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ErrorCodes, ServerException
from clickhouse_driver.protocol import ServerPacketTypes

from tests.storage.embedded.server_process import ServerProcess

TYPES: list[tuple[str, str, Any]] = [
    ("toUInt8(255)", "UInt8", 255),
    ("toInt64(-9223372036854775808)", "Int64", -(2**63)),
    ("toUInt64(18446744073709551615)", "UInt64", 2**64 - 1),
    ("toInt128('-170141183460469231731687303715884105728')", "Int128", -(2**127)),
    ("toUInt256(7)", "UInt256", 7),
    ("toFloat32(1.5)", "Float32", 1.5),
    ("toFloat64(-0.1)", "Float64", -0.1),
    ("toDecimal64('12345.6789', 4)", "Decimal(18, 4)", Decimal("12345.6789")),
    ("toDecimal128('-0.0000000001', 10)", "Decimal(38, 10)", Decimal("-0.0000000001")),
    ("toDate('2026-04-06')", "Date", dt.date(2026, 4, 6)),
    ("toDate32('1912-01-01')", "Date32", dt.date(1912, 1, 1)),
    ("'应统尽统'", "String", "应统尽统"),
    ("repeat('粮', 100)", "String", "粮" * 100),
    ("toFixedString('ab', 2)", "FixedString(2)", "ab"),
    ("toLowCardinality('区')", "LowCardinality(String)", "区"),
    ("toLowCardinality(toNullable('区'))", "LowCardinality(Nullable(String))", "区"),
    ("CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')", "Enum8('a' = 1, 'b' = 2)", "b"),
    ("CAST(NULL, 'Nullable(Int32)')", "Nullable(Int32)", None),
    ("[1, 2]", "Array(UInt8)", [1, 2]),
    ("[[toLowCardinality('a')], []]", "Array(Array(LowCardinality(String)))", [["a"], []]),
    ("map('a', 1)", "Map(String, UInt8)", {"a": 1}),
    ("tuple(1, 'x')", "Tuple(UInt8, String)", (1, "x")),
    ("toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", "UUID",
     uuid.UUID("61f0c404-5cb3-11e7-907b-a6006ad3dba0")),
    ("toIPv4('10.1.2.3')", "IPv4", "10.1.2.3"),
    ("true", "Bool", True),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "type_name", "value"), TYPES, ids=[t[1] for t in TYPES])
def test_a_value_arrives_with_its_type(
    client: Client, expression: str, type_name: str, value: Any
) -> None:
    rows, header = client.execute(f"SELECT {expression} AS x", with_column_types=True)
    assert header == [("x", type_name)]
    found = rows[0][0]
    assert (str(found) if type_name == "IPv4" else found) == value


def test_a_time_keeps_the_zone_of_its_column(client: Client) -> None:
    rows, header = client.execute(
        "SELECT toDateTime(0, 'Asia/Shanghai') AS a, toDateTime64(1.5, 3, 'Asia/Shanghai') AS b,"
        " 'DateTime' AS c, [toDateTime(0, 'Asia/Shanghai')] AS d",
        with_column_types=True,
    )
    assert [name for _, name in header] == [
        "DateTime('Asia/Shanghai')",
        "DateTime64(3, 'Asia/Shanghai')",
        "String",
        "Array(DateTime('Asia/Shanghai'))",
    ]
    assert rows[0][0].utcoffset() == dt.timedelta(hours=8)
    assert rows[0][0].timestamp() == 0


def test_an_empty_result_tells_its_columns(client: Client) -> None:
    assert client.execute("SELECT 1 AS one, 'x' AS text WHERE 0", with_column_types=True) == (
        [],
        [("one", "UInt8"), ("text", "String")],
    )


def test_a_trailing_format_does_not_reach_the_engine(client: Client) -> None:
    assert client.execute("SELECT 1 AS format FORMAT JSONEachRow;") == [(1,)]


def test_catalogue_statements_give_rows(client: Client, numbers: str) -> None:
    assert (numbers,) in client.execute("SHOW TABLES")
    assert ("granary",) in client.execute("SHOW DATABASES")
    assert [row[:2] for row in client.execute(f"DESC TABLE granary.{numbers}")] == [
        ("id", "UInt64"),
        ("amount", "Int64"),
    ]
    assert client.execute(f"EXISTS TABLE {numbers}") == [(1,)]
    assert client.execute("SHOW TABLES LIKE 'none of this name'") == []


def test_a_large_result_comes_whole_in_several_blocks(client: Client) -> None:
    columns = client.execute("SELECT number, toString(number) FROM numbers(300000)", columnar=True)
    assert sum(columns[0]) == sum(range(300_000))
    assert columns[1][-1] == "299999"


def test_a_large_result_can_be_read_row_by_row(client: Client) -> None:
    rows = client.execute_iter("SELECT number FROM numbers(200000)", chunk_size=10_000)
    assert sum(row[0] for chunk in rows for row in chunk) == sum(range(200_000))


def test_numpy_columns_arrive_as_arrays(server: ServerProcess) -> None:
    with server.client(settings={"use_numpy": True}, compression=True) as client:
        ids, times = client.execute(
            "SELECT number, toDateTime64(number, 3, 'UTC') FROM numbers(3)", columnar=True
        )
    assert ids.dtype == np.uint64
    assert ids.tolist() == [0, 1, 2]
    assert times.astype("datetime64[s]").astype(int).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM no_such_table", ErrorCodes.UNKNOWN_TABLE),
        ("SELEC 1", ErrorCodes.SYNTAX_ERROR),
        ("SELECT no_such_column FROM system.one", ErrorCodes.UNKNOWN_IDENTIFIER),
        ("SELECT throwIf(number = 150000) FROM numbers(200000)", 395),
        ("SELECT 1; SELECT 2", ErrorCodes.SYNTAX_ERROR),
        ("SELECT 1 INTO OUTFILE 'x'", 358),
        ("", ErrorCodes.SYNTAX_ERROR),
        ("INSERT INTO no_such_table VALUES (1)", ErrorCodes.UNKNOWN_TABLE),
    ],
)
def test_an_exception_has_the_servers_code_and_the_connection_goes_on(
    client: Client, sql: str, code: int
) -> None:
    with pytest.raises(ServerException) as failure:
        client.execute(sql)
    assert failure.value.code == code
    # clickhouse-driver hangs up after an exception; clients that do not must be answered.
    connection = client.connection
    connection.force_connect()
    connection.send_query(sql)
    connection.send_external_tables([])
    while (packet := connection.receive_packet()).type == ServerPacketTypes.DATA:
        pass
    assert packet.exception.code == code
    assert connection.ping()
    connection.is_query_executing = False
    connected = connection.socket
    assert client.execute("SELECT 1") == [(1,)]
    assert connection.socket is connected


def test_settings_of_a_query_end_with_it_but_those_of_the_session_stay(client: Client) -> None:
    asked = "SELECT getSetting('max_block_size'), getSetting('max_threads')"
    before = client.execute(asked)[0]
    client.execute("SET max_threads = 1")
    assert client.execute(asked, settings={"max_block_size": 77, "max_threads": 2})[0] == (77, 2)
    assert client.execute(asked)[0] == (before[0], 1)
    client.execute("SET max_block_size = 55", settings={"max_threads": 2})
    assert client.execute(asked)[0] == (55, 1)


def test_a_refused_setting_changes_nothing(client: Client) -> None:
    before = client.execute("SELECT getSetting('max_block_size')")
    with pytest.raises(ServerException):
        client.execute("SELECT 1", settings={"max_block_size": 5, "max_threads": "many"})
    assert client.execute("SELECT getSetting('max_block_size')") == before


def test_an_unknown_setting_fails_only_if_it_is_important(server: ServerProcess) -> None:
    with server.client(settings={"no_such_setting": 1}) as client:
        assert client.execute("SELECT 1") == [(1,)]
    with (
        server.client(settings={"no_such_setting": 1}, settings_is_important=True) as client,
        pytest.raises(ServerException) as failure,
    ):
        client.execute("SELECT 1")
    assert failure.value.code == ErrorCodes.UNKNOWN_SETTING


def test_use_and_temporary_tables_live_in_one_connection(client: Client, owner: Client) -> None:
    client.execute("CREATE TEMPORARY TABLE mine (a UInt8)")
    client.execute("INSERT INTO mine VALUES", [(1,), (2,)])
    assert client.execute("SELECT sum(a) FROM mine") == [(3,)]
    client.execute("USE system")
    assert client.execute("SELECT currentDatabase(), count() FROM one") == [("system", 1)]
    assert owner.execute("SELECT currentDatabase()") == [("granary",)]
    with pytest.raises(ServerException):
        owner.execute("SELECT * FROM mine")


def test_external_tables_come_with_a_query_and_go_with_it(client: Client) -> None:
    table = {"name": "ext", "structure": [("x", "Int32")], "data": [{"x": 100}, {"x": 500}]}
    assert client.execute("SELECT sum(x) FROM ext", external_tables=[table]) == [(600,)]
    assert client.execute("SELECT sum(x) FROM ext", external_tables=[table]) == [(600,)]
    with pytest.raises(ServerException):
        client.execute("SELECT * FROM ext")


def test_final_over_partitions_alter_and_drop_partition_work(owner: Client) -> None:
    owner.execute(
        "CREATE OR REPLACE TABLE versions (city UInt16, unit UInt64, value Int64, version UInt64)"
        " ENGINE = ReplacingMergeTree(version) PARTITION BY city ORDER BY unit"
    )
    for version in (1, 3, 2):
        owner.execute("INSERT INTO versions VALUES", [(1, 7, version * 10, version), (2, 7, 5, 1)])
    final = {"do_not_merge_across_partitions_select_final": 1}
    asked = "SELECT city, unit, value FROM versions FINAL ORDER BY city"
    assert owner.execute(asked, settings=final) == [(1, 7, 30), (2, 7, 5)]
    owner.execute("OPTIMIZE TABLE versions FINAL")
    assert owner.execute(
        "SELECT count() FROM system.parts WHERE table = 'versions' AND active"
    ) == [(2,)]
    owner.execute("ALTER TABLE versions ADD COLUMN source UInt16 DEFAULT 9")
    owner.execute("ALTER TABLE versions DROP PARTITION 2")
    assert owner.execute("SELECT city, value, source FROM versions FINAL") == [(1, 30, 9)]
    owner.execute("DROP TABLE versions")


def test_many_clients_at_once_get_their_own_answers(server: ServerProcess) -> None:
    wrong: list[object] = []

    def ask(number: int) -> None:
        with server.client(compression=number % 2 == 0) as client:
            for round_ in range(10):
                rows = client.execute(f"SELECT {number}, sum(number) FROM numbers({round_ * 1000})")
                if rows != [(number, sum(range(round_ * 1000)))]:
                    wrong.append(rows)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []


def test_a_reader_that_stops_reading_blocks_nobody(server: ServerProcess, owner: Client) -> None:
    with server.client() as slow:
        rows = slow.execute_iter("SELECT number, repeat('x', 100) FROM numbers(100000000)")
        assert next(rows)[0] == 0
        assert owner.execute("SELECT 1") == [(1,)]
        running = owner.execute(
            "SELECT memory_usage, read_rows FROM system.processes"
            " WHERE query LIKE '%100000000%' AND query NOT LIKE '%processes%'"
        )
        assert len(running) == 1
        assert running[0][0] < 200_000_000
        assert running[0][1] < 20_000_000
