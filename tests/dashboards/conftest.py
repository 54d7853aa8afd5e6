"""The example cities and the traced one in embedded servers, and the console, once a session."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from storage.clickhouse import connect
from tests.dashboards import frame_rows
from tests.dashboards.browser import launched
from tests.dashboards.console_server import Console, running
from tests.dashboards.traced_city import Traced
from tests.dashboards.traced_city import fill as fill_traced
from tests.dashboards.two_cities import Cities, fill
from tests.storage.embedded.server_process import ServerProcess


@pytest.fixture(scope="session")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cities]:
    with ServerProcess(tmp_path_factory.mktemp("dashboards") / "data") as server:
        yield fill(server.port)


@pytest.fixture(scope="session")
def console(cities: Cities) -> Iterator[Console]:
    with running(cities) as served:
        yield served


@pytest.fixture(scope="session")
def framed(console: Console) -> Console:
    """The console, the retail city of which has frame coverage and cases."""
    with connect(console.cities.owner_url) as owner:
        frame_rows.fill(owner)
    return console


@pytest.fixture(scope="session")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    with ServerProcess(tmp_path_factory.mktemp("traced") / "data") as server:
        yield fill_traced(server.port)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with launched(chromium) as one:
        yield one
