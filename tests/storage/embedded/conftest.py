"""One server for the tests that do not kill it; each test has a table of its own."""

from collections.abc import Iterator

import pytest
from clickhouse_driver import Client

from tests.storage.embedded.server_process import READER, ServerProcess


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("clickhouse") / "data") as running:
        yield running


@pytest.fixture(params=[False, "lz4"], ids=["plain", "lz4"])
def client(server: ServerProcess, request: pytest.FixtureRequest) -> Iterator[Client]:
    """An owner's connection, without and with compression."""
    with server.client(compression=request.param) as connected:
        yield connected


@pytest.fixture
def owner(server: ServerProcess) -> Iterator[Client]:
    with server.client() as connected:
        yield connected


@pytest.fixture
def reader(server: ServerProcess) -> Iterator[Client]:
    with server.client(READER) as connected:
        yield connected


@pytest.fixture
def numbers(owner: Client) -> Iterator[str]:
    """A table `numbers (id UInt64, amount Int64)` of ten rows."""
    owner.execute(
        "CREATE OR REPLACE TABLE numbers (id UInt64, amount Int64) ENGINE = MergeTree ORDER BY id"
    )
    owner.execute("INSERT INTO numbers SELECT number, number * 10 FROM numbers(10)")
    yield "numbers"
    owner.execute("DROP TABLE numbers")
