"""A query nobody waits for stops."""

import threading
import time
from collections.abc import Callable

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from tests.storage.embedded.server_process import READER, ServerProcess

# No wait: the marker tells which query of the process list is meant.
_HOURS = "SELECT count() FROM numbers(100000000000000) WHERE sipHash64(number) = {marker}"
_ROWS = "SELECT number, {marker} FROM numbers(100000000000000)"


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def running(owner: Client, marker: int) -> bool:
    return bool(
        owner.execute(
            "SELECT 1 FROM system.processes WHERE query LIKE %(part)s"
            " AND query NOT LIKE '%%LIKE%%'",
            {"part": f"%{marker}%"},
        )
    )


@pytest.mark.parametrize("user", ["granary", READER])
@pytest.mark.parametrize("sql", [_HOURS, _ROWS], ids=["computes", "sends rows"])
def test_a_client_that_leaves_ends_its_query(
    server: ServerProcess, owner: Client, user: str, sql: str
) -> None:
    marker = 900_001
    leaving = server.client(user)
    leaving.connection.force_connect()
    leaving.connection.send_query(sql.format(marker=marker))
    leaving.connection.send_external_tables([])
    assert until(lambda: running(owner, marker))
    leaving.connection.disconnect()
    assert until(lambda: not running(owner, marker), seconds=3)


@pytest.mark.parametrize("sql", [_HOURS, _ROWS], ids=["computes", "sends rows"])
def test_a_cancelled_query_ends_and_its_connection_goes_on(
    server: ServerProcess, owner: Client, sql: str
) -> None:
    marker = 900_002
    with server.client() as client:
        client.connection.force_connect()
        client.connection.send_query(sql.format(marker=marker))
        client.connection.send_external_tables([])
        assert until(lambda: running(owner, marker))
        client.cancel()
        client.connection.is_query_executing = False
        assert client.execute("SELECT 7") == [(7,)]
    assert not running(owner, marker)


def test_kill_query_reaches_a_running_query(server: ServerProcess, owner: Client) -> None:
    marker, codes = 900_003, []

    def ask() -> None:
        with server.client() as client:
            try:
                client.execute(_HOURS.format(marker=marker))
            except ServerException as error:
                codes.append(error.code)

    asking = threading.Thread(target=ask)
    asking.start()
    assert until(lambda: running(owner, marker))
    killed = owner.execute(f"KILL QUERY WHERE query LIKE '%{marker}%' AND query NOT LIKE '%KILL%'")
    asking.join(10)
    assert len(killed) == 1
    assert codes == [394]


def test_a_query_past_its_time_fails_with_its_code(owner: Client) -> None:
    with pytest.raises(ServerException) as failure:
        owner.execute(_HOURS.format(marker=900_004), settings={"max_execution_time": 1})
    assert failure.value.code == 159
