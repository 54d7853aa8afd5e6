"""The embedded server as a process of its own, as `granary clickhouse` runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clickhouse_driver import Client

OWNER, READER = "granary", "dashboard"
PASSWORDS = {OWNER: "grain", READER: "look"}

_PROGRAM = """
import sys
from pathlib import Path

import structlog

from storage.embedded.server import main

if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    main(
        Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), "grain", "look", "granary",
        on_ready=lambda port: print(port, flush=True),
    )
"""


class ServerProcess:
    """Starts in the constructor and answers clients when that returns."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._log = (folder.parent / f"{folder.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(folder), "0"],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **environment},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, Path(self._log.name).read_text()
        self.port = int(line)

    def client(self, user: str = OWNER, **options: Any) -> Client:
        password = options.pop("password", PASSWORDS.get(user, ""))
        return Client("127.0.0.1", port=self.port, user=user, password=password, **options)

    def log(self) -> str:
        return Path(self._log.name).read_text()

    def kill(self) -> None:
        """SIGKILL: no handler, no flush."""
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self) -> int:
        code = self.process.wait(20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.stop()
