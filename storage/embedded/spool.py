"""The blocks of one insert, kept until the last has come: a client that dies leaves no row."""

import os
import tempfile
from pathlib import Path
from typing import Final, Self

from storage.embedded.bytesource import Chunk
from storage.embedded.nativeblocks import Block

_IN_MEMORY: Final = 256 << 20  # bytes; a larger insert goes on in a file of the data folder


class Spool:
    """An anonymous file of blocks in format Native that the engine can read by `path`.

    It vanishes when it is closed or the process dies. Not thread-safe.
    """

    def __init__(self, folder: Path, in_memory: int = _IN_MEMORY) -> None:
        self._folder = folder
        self._in_memory = in_memory
        self._descriptor = os.memfd_create("insert", os.MFD_CLOEXEC)
        self._on_disk = False
        self.rows = 0
        self.size = 0

    @property
    def path(self) -> str:
        """Names the file within this process only."""
        return f"/proc/self/fd/{self._descriptor}"

    def add(self, block: Block) -> None:
        """Append a block; raises OSError when the disk is full."""
        self.rows += block.rows
        for piece in block.native:
            self._write(piece)
        if self.size > self._in_memory and not self._on_disk:
            self._move_to_disk()

    def _write(self, piece: Chunk) -> None:
        view = memoryview(piece)
        while view:
            written = os.write(self._descriptor, view)
            self.size += written
            view = view[written:]

    def _move_to_disk(self) -> None:
        with tempfile.TemporaryFile(dir=self._folder) as file:
            descriptor = os.dup(file.fileno())
        offset = 0
        while offset < self.size:
            offset += os.sendfile(descriptor, self._descriptor, offset, self.size - offset)
        os.close(self._descriptor)
        self._descriptor, self._on_disk = descriptor, True

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
