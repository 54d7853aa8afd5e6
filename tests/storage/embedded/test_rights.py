"""Who may connect, and what a dashboard's user may not do."""

import socket
from pathlib import Path

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from tests.storage.embedded.server_process import READER, ServerProcess


@pytest.mark.parametrize(
    ("user", "options", "code"),
    [
        ("granary", {"password": "wrong"}, 516),
        ("nobody", {}, 516),
        ("granary", {"database": "no_such_database"}, 81),
        (READER, {"database": "system"}, 497),
    ],
)
def test_a_login_is_refused_with_its_code_and_logged(
    server: ServerProcess, user: str, options: dict[str, str], code: int
) -> None:
    before = server.log().count("login refused")
    with server.client(user, **options) as client, pytest.raises(ServerException) as failure:
        client.execute("SELECT 1")
    assert failure.value.code == code
    assert server.log().count("login refused") > before
    assert "wrong" not in server.log()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO numbers VALUES (1, 1)",
        "INSERT INTO numbers SELECT 1, 1",
        "CREATE TABLE other (a UInt8) ENGINE = Memory",
        "CREATE TEMPORARY TABLE other (a UInt8)",
        "DROP TABLE numbers",
        "ALTER TABLE numbers DELETE WHERE 1",
        "TRUNCATE TABLE numbers",
        "OPTIMIZE TABLE numbers",
        "SET readonly = 0",
        "SET max_threads = 1",
        "USE system",
        "KILL QUERY WHERE 1",
        "SYSTEM FLUSH LOGS",
        "SELECT 1; DROP TABLE numbers",
        "SELECT 1 INTO OUTFILE 'written.txt'",
        "SELECT 1 SETTINGS readonly = 0",
        "WITH 1 AS x INSERT INTO numbers SELECT x, x",
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT file('/etc/hostname')",
        "SELECT `file`('/etc/hostname')",
        "SELECT \"file\"/* of the machine */('/etc/hostname')",
        "SELECT * FROM (SELECT * FROM url('http://127.0.0.1:1', 'CSV', 'a String'))",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        "SELECT * FROM merge('system', '.*')",
        "SELECT * FROM executable('x', 'TSV', 'a String')",
        "SELECT * FROM sqlite('/x', 'y')",
        "SELECT * FROM python(os)",
        "SELECT * FROM system.processes",
        "SELECT * FROM system . `query_log`",
        'SELECT * FROM `system`."parts"',
        "SHOW PROCESSLIST",
        "DESCRIBE TABLE file('/etc/hostname', 'LineAsString')",
        "EXPLAIN SELECT * FROM s3('http://127.0.0.1:1/x')",
    ],
)
def test_a_reader_is_refused(
    reader: Client, owner: Client, numbers: str, server: ServerProcess, sql: str
) -> None:
    with pytest.raises(ServerException) as failure:
        reader.execute(sql)
    assert failure.value.code in (62, 164, 358, 497)
    assert owner.execute(f"SELECT count() FROM {numbers}") == [(10,)]
    assert reader.execute("SELECT 1") == [(1,)]
    assert not Path("written.txt").exists()


def test_a_reader_cannot_insert_rows(reader: Client, owner: Client, numbers: str) -> None:
    with pytest.raises(ServerException) as failure:
        reader.execute(f"INSERT INTO {numbers} VALUES", [(1, 1)])
    assert failure.value.code == 164
    assert owner.execute(f"SELECT count() FROM {numbers}") == [(10,)]


def test_a_reader_asks_what_the_dashboards_editor_asks(reader: Client, numbers: str) -> None:
    assert (numbers,) in reader.execute('SHOW TABLES FROM "granary"')
    assert ("granary",) in reader.execute("SHOW DATABASES")
    assert len(reader.execute(f'DESC TABLE "granary"."{numbers}"')) == 2
    assert reader.execute("SELECT version()")
    assert reader.execute(
        "SELECT name, type, table FROM system.columns WHERE database = 'granary' AND table = %(t)s",
        {"t": numbers},
    ) == [("id", "UInt64", numbers), ("amount", "Int64", numbers)]
    assert reader.execute("SELECT count() > 100 FROM system.functions") == [(1,)]
    assert reader.execute(f"SELECT sum(amount) AS format FROM {numbers}") == [(450,)]


def test_a_readers_time_limit_ends_before_its_client_gives_up(server: ServerProcess) -> None:
    asked = "SELECT getSetting('max_execution_time')"
    with server.client(READER, settings_is_important=True) as client:
        assert float(client.execute(asked, settings={"max_execution_time": 64})[0][0]) == 60
        assert float(client.execute(asked, settings={"max_execution_time": 10})[0][0]) == 6
        assert float(client.execute(asked)[0][0]) == 60
        with pytest.raises(ServerException) as failure:
            client.execute(asked, settings={"max_memory_usage": 0})
    assert failure.value.code == 164


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x07garbage", b"\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"],
)
def test_what_is_no_hello_ends_the_connection(
    server: ServerProcess, owner: Client, sent: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as peer:
        peer.sendall(sent)
        answer = b""
        while chunk := peer.recv(4096):
            answer += chunk
    assert answer[:1] == b"\x02"
    assert owner.execute("SELECT 1") == [(1,)]
