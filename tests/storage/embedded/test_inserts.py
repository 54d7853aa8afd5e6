"""What a client writes: rows and columns, defaults, refusals; and that half an insert is none."""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ErrorCodes, ServerException
from clickhouse_driver.protocol import ClientPacketTypes
from clickhouse_driver.varint import write_varint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.embedded.server_process import ServerProcess


@pytest.fixture
def grains(owner: Client) -> Iterator[str]:
    owner.execute(
        "CREATE OR REPLACE TABLE grains (id UInt64, amount Int64, name String DEFAULT 'none',"
        " twice Int64 MATERIALIZED amount * 2, at DateTime64(3, 'UTC') DEFAULT 0,"
        " tags Array(LowCardinality(Nullable(String)))) ENGINE = MergeTree ORDER BY id"
    )
    yield "grains"
    owner.execute("DROP TABLE grains")


def test_rows_of_all_columns_are_stored(client: Client, grains: str) -> None:
    at = dt.datetime(2026, 4, 6, 16, 0, 0, 123000, tzinfo=dt.UTC)
    rows = [(1, -5, "粮", at, ["a", None]), (2, 6, "", at, []), (3, 0, "x" * 300, at, ["a", "b"])]
    assert client.execute(f"INSERT INTO {grains} VALUES", rows) == 3
    assert client.execute(f"SELECT * FROM {grains} ORDER BY id") == rows
    assert client.execute(f"SELECT sum(twice) FROM {grains}") == [(2,)]


def test_columns_left_out_take_their_defaults(client: Client, grains: str) -> None:
    client.execute(f"INSERT INTO {grains} (amount, id) VALUES", [(10, 1)])
    assert client.execute(f"SELECT id, amount, name FROM {grains}") == [(1, 10, "none")]


def test_inline_values_and_selects_are_stored(client: Client, grains: str) -> None:
    client.execute(f"INSERT INTO {grains} (id, name) VALUES (1, 'a;b'), (2, 'c')")
    client.execute(f"INSERT INTO {grains} (id, amount) SELECT number, 1 FROM numbers(3)")
    assert client.execute(f"SELECT count(), sum(amount) FROM {grains}") == [(5, 3)]


def test_an_insert_of_no_rows_stores_nothing(client: Client, grains: str) -> None:
    assert client.execute(f"INSERT INTO {grains} (id) VALUES", []) == 0
    assert client.execute(f"SELECT count() FROM {grains}") == [(0,)]


@pytest.mark.parametrize("compression", [False, True])
def test_numpy_columns_of_many_blocks_are_one_insert(
    server: ServerProcess, owner: Client, grains: str, compression: bool
) -> None:
    count = 250_000
    options = {"use_numpy": True, "insert_block_size": 100_000}
    with server.client(settings=options, compression=compression) as client:
        ids = np.arange(count, dtype=np.uint64)
        at = ids.astype(np.int64) + 1_775_000_000_000
        client.execute(
            f"INSERT INTO {grains} (id, amount, at) VALUES", [ids, -ids.astype(np.int64), at],
            columnar=True,
        )  # fmt: skip
    assert owner.execute(
        f"SELECT count(), sum(amount), max(toUnixTimestamp64Milli(at)) FROM {grains}"
    ) == [(count, -sum(range(count)), 1_775_000_000_000 + count - 1)]
    assert owner.execute(
        "SELECT count() FROM system.parts WHERE active AND database = 'granary' AND table = %(t)s",
        {"t": grains},
    ) == [(1,)]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("INSERT INTO missing VALUES", ErrorCodes.UNKNOWN_TABLE),
        ("INSERT INTO grains (missing) VALUES", 47),
    ],
)
def test_an_insert_that_cannot_begin_says_why(
    client: Client, grains: str, sql: str, code: int
) -> None:
    with pytest.raises(ServerException) as failure:
        client.execute(sql, [(1,)])
    assert failure.value.code in (code, ErrorCodes.NO_SUCH_COLUMN_IN_TABLE)
    assert client.execute("SELECT 1") == [(1,)]


def test_an_insert_refused_by_a_constraint_stores_nothing(client: Client) -> None:
    client.execute(
        "CREATE OR REPLACE TABLE strict (a Int32, CONSTRAINT few CHECK a < 10)"
        " ENGINE = MergeTree ORDER BY a"
    )
    with pytest.raises(ServerException) as failure:
        client.execute("INSERT INTO strict VALUES", [(1,), (99,)])
    assert failure.value.code == 469
    assert client.execute("SELECT count() FROM strict") == [(0,)]


def test_a_limit_that_refuses_an_insert_is_told(client: Client) -> None:
    client.execute(
        "CREATE OR REPLACE TABLE many (a Int32) ENGINE = MergeTree PARTITION BY a ORDER BY a"
    )
    sql = "INSERT INTO many (a) SETTINGS max_partitions_per_insert_block = 2 VALUES"
    with pytest.raises(ServerException) as failure:
        client.execute(sql, [(1,), (2,), (3,)])
    assert failure.value.code == 252
    assert client.execute(sql, [(1,), (2,)]) == 2
    assert client.execute("SELECT count() FROM many") == [(2,)]


def test_a_client_that_dies_in_an_insert_leaves_no_row(
    server: ServerProcess, owner: Client, grains: str
) -> None:
    with server.client() as dying:
        connection = dying.connection
        connection.force_connect()
        connection.send_query(f"INSERT INTO {grains} (id) VALUES")
        connection.send_external_tables([])
        sample = dying.receive_sample_block()
        dying.send_data(sample, [(number,) for number in range(1000)])  # ends with an empty block
        assert connection.receive_packet().type == 5
        connection.send_query(f"INSERT INTO {grains} (id) VALUES")
        connection.send_external_tables([])
        dying.receive_sample_block()
        write_varint(ClientPacketTypes.DATA, connection.fout)
        connection.fout.flush()
        connection.disconnect()
    assert owner.execute(f"SELECT count() FROM {grains}") == [(1000,)]


VALUES = st.tuples(
    st.integers(0, 2**64 - 1),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200),
    st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "区"])), max_size=3),
    st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
    st.dictionaries(st.text(max_size=3), st.lists(st.integers(0, 255), max_size=3), max_size=2),
)


@given(st.lists(VALUES, min_size=1, max_size=50))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_rows_come_back_as_they_were_sent(
    client: Client, rows: list[tuple[object, ...]]
) -> None:
    client.execute(
        "CREATE OR REPLACE TABLE anything (n UInt64, t String,"
        " l Array(LowCardinality(Nullable(String))), i Nullable(Int32),"
        " m Map(String, Array(UInt8))) ENGINE = Memory"
    )
    client.execute("INSERT INTO anything VALUES", rows)
    assert client.execute("SELECT * FROM anything") == rows
