"""What all tests share: a real broker, the embedded store, and a whole instance, once a session."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from granary.local import die_with_parent
from granary.local.instance import Instance
from granary.local.jars import ToolMissingError
from granary.local.kafka import Broker, create_topics, prepare_broker, wait_until_answering
from granary.local.ports import free_port
from granary.local.probes import store_answers
from granary.settings import read_settings

HOST = "127.0.0.1"
CHROMIUM = Path("/usr/bin/chromium")
_START_S = 120.0
_databases = itertools.count(1)


def start_process(
    command: list[str], log: Path, env: dict[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """A process that ends with the test run, whatever becomes of it; output goes to `log`."""
    wrapper = [sys.executable, "-S", "-E", str(die_with_parent.__file__), str(os.getpid())]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*wrapper, *command], env={**os.environ, **(env or {})}, stdout=output, stderr=output
        )


def end_process(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, and SIGKILL if that does not help within ten seconds."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_granary(*arguments: str, timeout_s: float = 300) -> "subprocess.CompletedProcess[str]":
    """The command as a user would type it."""
    return subprocess.run(
        [sys.executable, "-m", "granary.cli.main", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@contextmanager
def real_broker(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """(host:port, process) of a broker of its own with Granary's topics."""
    taken: set[int] = set()
    broker = Broker(folder / "broker", HOST, free_port(HOST, taken), free_port(HOST, taken))
    try:
        command = prepare_broker(broker, read_settings().cache)
    except ToolMissingError as error:
        pytest.skip(str(error))
    process = start_process(command, folder / "kafka.log")
    try:
        wait_until_answering(broker.bootstrap, _START_S)
        create_topics(broker.bootstrap)
        yield broker.bootstrap, process
    finally:
        end_process(process)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of the broker that tests share."""
    with real_broker(tmp_path_factory.mktemp("kafka")) as (bootstrap, _):
        yield bootstrap


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an embedded server's database `granary`, empty: who wants tables calls `migrate`."""
    folder = tmp_path_factory.mktemp("clickhouse")
    port, secrets = free_port(HOST, set()), Instance()
    url = secrets.store_url(HOST, port)
    env = {
        "GRANARY_DATA": str(folder),
        "GRANARY_CLICKHOUSE": url,
        "GRANARY_CLICKHOUSE_PORT": str(port),
        "GRANARY_DASHBOARD_PASSWORD": secrets.reader_password,
    }
    command = [sys.executable, "-m", "granary.cli.parts", "clickhouse"]
    process = start_process(command, folder / "clickhouse.log", env)
    try:
        deadline = time.monotonic() + _START_S
        while not store_answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail((folder / "clickhouse.log").read_text()[-2000:])
            time.sleep(0.1)
        yield url
    finally:
        end_process(process)


@pytest.fixture
def database(clickhouse: str) -> Iterator[str]:
    """URL of a database of this test's own, with all tables and views."""
    from storage.clickhouse import connect
    from storage.migrations import migrate

    name = f"test_{os.getpid()}_{next(_databases)}"
    owner = connect(clickhouse)
    owner.execute(f"CREATE DATABASE {name}")
    url = clickhouse.rpartition("/")[0] + f"/{name}"
    try:
        migrate(url)
        yield url
    finally:
        owner.execute(f"DROP DATABASE {name}")
        owner.disconnect()


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A whole instance with the cities of `catalog/`, nothing pushed: what `up --json` printed."""
    data = tmp_path_factory.mktemp("system") / "data"
    catalogs = sorted(each.parent for each in Path("catalog").glob("*/city.yaml"))
    chosen = [argument for each in catalogs for argument in ("--catalog", str(each))]
    try:
        result = run_granary("up", "--data", str(data), "--detach", "--json", *chosen)
        if result.returncode != 0:
            pytest.fail(f"granary up: {result.stderr[-3000:]}")
        yield json.loads(result.stdout)
    finally:
        run_granary("down", "--data", str(data))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    return str(CHROMIUM)
