"""clickhouse-go v2, the client inside Grafana's plugin, meets what it expects."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.storage.embedded.server_process import OWNER, PASSWORDS, READER, ServerProcess

_SOURCE = Path(__file__).parents[2] / "go"
_GO = shutil.which("go")


@pytest.mark.integration
@pytest.mark.skipif(_GO is None, reason="go is not installed")
def test_the_go_client_pings_reads_inserts_and_sees_exceptions(
    server: ServerProcess, tmp_path: Path
) -> None:
    program = tmp_path / "client"
    built = subprocess.run(
        ["go", "build", "-o", str(program), "."], cwd=_SOURCE, capture_output=True, text=True,
        timeout=300, check=False, env={**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false"},
    )  # fmt: skip
    if built.returncode and ("dial tcp" in built.stderr or "lookup" in built.stderr):
        pytest.skip("clickhouse-go cannot be fetched: no network")
    assert built.returncode == 0, built.stderr
    met = subprocess.run(
        [str(program), f"127.0.0.1:{server.port}", PASSWORDS[OWNER], PASSWORDS[READER]],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert met.returncode == 0, met.stderr
    for found in json.loads(met.stdout):
        assert found["ping"] == "pong"
        assert found["version"].startswith("26.")
        assert found["numbers"] == [0, 1, 2, 3, 4]
        assert found["empty_columns"] == ["one", "at"]
        assert found["empty_types"] == ["UInt8", "DateTime('Asia/Shanghai')"]
        assert (found["inserted"], found["sum"]) == (10_000, -sum(range(10_000)))
        assert (found["default"], found["zone"]) == ("none", "DateTime('Asia/Shanghai')")
        assert found["at"] == "2026-04-07T00:00:00+08:00"
        assert found["exception_code"] == 60
        assert found["after_exception"] == 1
        assert found["cancel_seconds"] < 5
        assert found["write_refused"] == 164
