"""Both control stores: SQLite in a folder, and a private PostgreSQL cluster."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from storage.control import cities, schema

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of our own, run by a user that is not root."""
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    as_user: list[str | Path] = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user and shutil.which("runuser") is None:
        pytest.skip("root cannot run PostgreSQL, and runuser is missing")
    folder = Path(tempfile.mkdtemp(prefix="granary-pg-"))
    folder.chmod(0o777)
    data = folder / "data"
    user = "postgres"
    try:
        subprocess.run(
            [*as_user, BINARIES[0] / "initdb", "-D", data, "-A", "trust", "-U", user, "-N"],
            check=True,
            capture_output=True,
            cwd=folder,
            timeout=120,
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        control: list[str | Path] = [*as_user, BINARIES[0] / "pg_ctl", "-D", data, "-w", "-t", "60"]
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        subprocess.run(
            [*control, "-o", options, "-l", folder / "log", "start"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            timeout=120,
        )
        try:
            yield f"postgresql://{user}@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run(
                [*control, "-m", "immediate", "stop"],
                check=False,
                stdout=subprocess.DEVNULL,
                cwd=folder,
                timeout=120,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def control_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty control store with its schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/deep/control.sqlite"
    else:
        server: str = request.getfixturevalue("postgres")
        name = f"granary_{uuid.uuid4().hex}"
        admin = create_engine(
            server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        url = server.rsplit("/", 1)[0] + f"/{name}"
    schema.create(url)
    yield url
    schema.engine(url).dispose()


@pytest.fixture
def connection(control_url: str) -> Iterator[Connection]:
    """A transaction on the empty store."""
    with schema.engine(control_url).begin() as opened:
        yield opened


@pytest.fixture
def river(connection: Connection) -> cities.City:
    """A city to hang things on."""
    return cities.assign(connection, "river")
