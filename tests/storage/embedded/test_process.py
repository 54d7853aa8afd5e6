"""The server's process: killed and started again, started twice, stopped."""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
from clickhouse_driver.errors import Error

from tests.storage.embedded.server_process import _PROGRAM, ServerProcess

_ROUNDS = 4
_BLOCK = 20_000  # rows


def test_a_killed_server_keeps_every_acknowledged_insert(tmp_path: Path) -> None:
    chance = random.Random(20260406)
    acknowledged: set[int] = set()
    folder = tmp_path / "data"
    with ServerProcess(folder) as server, server.client() as client:
        client.execute(
            "CREATE TABLE kept (batch UInt32, id UInt64) ENGINE = MergeTree ORDER BY (batch, id)"
        )
    batch = 0
    for _ in range(_ROUNDS):
        begun = time.monotonic()
        server = ServerProcess(folder)
        assert time.monotonic() - begun < 10  # 0.6 s on an idle machine
        killer = threading.Timer(chance.uniform(0.05, 0.4), server.process.kill)
        killer.start()
        try:
            with server.client(settings={"use_numpy": True}, compression=True) as client:
                while True:
                    batch += 1
                    columns = [
                        np.full(_BLOCK, batch, np.uint32),
                        np.arange(_BLOCK, dtype=np.uint64),
                    ]
                    client.execute("INSERT INTO kept VALUES", columns, columnar=True)
                    acknowledged.add(batch)
        except (Error, OSError, EOFError):
            killer.join()
        server.kill()
    with ServerProcess(folder) as server, server.client() as client:
        stored = dict(client.execute("SELECT batch, count() FROM kept GROUP BY batch"))
    assert len(acknowledged) > _ROUNDS
    assert acknowledged <= stored.keys()
    assert set(stored.values()) == {_BLOCK}  # unacknowledged inserts are there whole or not


def test_an_insert_killed_before_the_engine_has_it_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    outcomes = {}
    with ServerProcess(folder) as server, server.client() as client:
        client.execute("CREATE TABLE points (name String) ENGINE = MergeTree ORDER BY name")
    for point in ("clickhouse.insert_received", "clickhouse.insert_done"):
        server = ServerProcess(folder, GRANARY_FAILPOINTS=point)
        try:
            with server.client() as client:
                client.execute("INSERT INTO points VALUES", [(point,)])
        except (Error, OSError, EOFError):
            outcomes[point] = "unacknowledged"
        assert server.process.wait(10) == -signal.SIGKILL
        server.kill()
    assert len(outcomes) == 2
    with ServerProcess(folder) as server, server.client() as client:
        assert client.execute("SELECT name FROM points") == [("clickhouse.insert_done",)]


def test_a_second_server_on_the_folder_is_refused_with_the_holders_number(
    server: ServerProcess,
) -> None:
    second = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(server.folder), "0"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert second.returncode != 0
    assert f"clickhouse_folder_in_use: the folder {server.folder}" in second.stderr
    assert f"process {server.process.pid}" in second.stderr


def test_sigterm_lets_a_running_query_finish(tmp_path: Path) -> None:
    answers: list[object] = []
    with ServerProcess(tmp_path / "data") as server:
        client, idle = server.client(), server.client()
        assert idle.execute("SELECT 1") == [(1,)]

        def ask() -> None:
            answers.extend(client.execute("SELECT sleep(1), 5"))

        asking = threading.Thread(target=ask)
        asking.start()
        deadline = time.monotonic() + 5
        while not idle.execute("SELECT 1 FROM system.processes WHERE query LIKE '%sleep(1)%'"
                               " AND query NOT LIKE '%LIKE%'"):  # fmt: skip
            assert time.monotonic() < deadline
        assert server.stop() == 0
        asking.join(5)
    assert answers == [(0, 5)]
