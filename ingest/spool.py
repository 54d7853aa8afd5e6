"""The spool: bodies on their way in and messages on their way out, each durable before it counts.

A body belongs to nobody until it is registered: what a dead gateway left of those is removed. The
messages of a registered submission stay until the log has all of them.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from granary.failpoints import failpoint
from ingest.errors import BodyTooLargeError
from ingest.outgoing import fsync_folder

_BODY: Final = ".body"
_MESSAGES: Final = ".messages"


@dataclass(frozen=True, slots=True)
class Body:
    """A body on disk."""

    path: Path
    sha256: str
    size: int

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def too_large(limit: int) -> BodyTooLargeError:
    """What is raised for a body above the limit, wherever that is seen first."""
    return BodyTooLargeError(
        f"more than {limit:,} bytes.", zh=f"文件超过{limit / 2**20:,.4g} MB的上限;请拆分后报送。"
    )


class Incoming:
    """A body being received; `write` as it comes, then `close` into a `Body`, or `discard`."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._file: BinaryIO = path.open("wb")
        self._digest = hashlib.sha256()
        self.size = 0
        self.start = b""  # enough of it to tell a format

    def write(self, part: bytes) -> None:
        """Append.

        Raises:
            BodyTooLargeError: the body is above the limit; what came is discarded.
        """
        self.size += len(part)
        if self.size > self._limit:
            self.discard()
            raise too_large(self._limit)
        if len(self.start) < 64:
            self.start += part[:64]
        self._digest.update(part)
        self._file.write(part)

    def close(self) -> Body:
        """Make it durable."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        fsync_folder(self._path.parent)
        failpoint("gateway.spooled")
        return Body(self._path, self._digest.hexdigest(), self.size)

    def discard(self) -> None:
        """Forget it."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class Spool:
    """Files of one gateway under `data/spool/<owner>`."""

    def __init__(self, data: Path, owner: str) -> None:
        self._data = data
        self._folder = data / "spool" / owner.replace(":", "_")
        self._folder.mkdir(parents=True, exist_ok=True)

    def receive(self, limit: int) -> Incoming:
        """Begin a body of at most `limit` bytes."""
        return Incoming(self._folder / f"{secrets.token_hex(12)}{_BODY}", limit)

    def messages(self, submission: str, ending: str = "") -> Path:
        """Where the messages of a submission are written; `ending` tells a second file apart."""
        return self._folder / f"{submission}{ending}{_MESSAGES}"

    def named(self, path: Path) -> str:
        """How the control store names the file, whatever the data folder is called later."""
        return str(path.relative_to(self._data))

    def at(self, name: str) -> Path:
        """The file of that name."""
        return self._data / name

    def sweep(self, kept: Iterable[str]) -> int:
        """Remove what a dead run of this gateway left, but for the files named; how many."""
        keep = {self.at(name) for name in kept}
        left = [path for path in self._folder.iterdir() if path not in keep]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)
