"""Reading the wire: a buffered byte source that can hand over what it passed undecoded.

A block's columns are skipped, not decoded, while the source records the very bytes; numeric columns
larger than the buffer are received straight into the memory that goes to the engine.
"""

import socket
from typing import Final, NoReturn, TypeAlias

from clickhouse_cityhash.cityhash import CityHash128
from lz4 import block as lz4

from storage.embedded import faults
from storage.embedded.faults import ProtocolError

Chunk: TypeAlias = bytes | bytearray

BUFFER: Final = 1 << 18  # bytes; larger columns bypass the buffer
MAX_BLOCK: Final = 1 << 30  # bytes of one block or frame: a longer length is a malformed packet

_LZ4: Final = 0x82
_STORED: Final = 0x02
_FRAME_HEAD: Final = 9  # method, compressed size (with this head), uncompressed size


class ClientGone(Exception):  # noqa: N818  (an end, not an error)
    """The peer closed the connection."""


class ByteSource:
    """Buffered bytes with ClickHouse's primitive readings. Not thread-safe."""

    def __init__(self) -> None:
        self._buffer: Chunk = b""
        self._position = 0
        self._end = 0
        self._parts: list[Chunk] | None = None
        self._mark = 0
        self._recorded = 0

    def pending(self) -> bytes:
        """What has been received and not been read."""
        return bytes(self._buffer[self._position : self._end])

    def byte(self) -> int:
        if self._position == self._end:
            self._refill()
        value = self._buffer[self._position]
        self._position += 1
        return value

    def varint(self) -> int:
        value = shift = 0
        while True:
            part = self.byte()
            value |= (part & 0x7F) << shift
            if part < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ProtocolError(faults.CANNOT_PARSE, "DB::Exception: a number is too long")

    def take(self, size: int) -> Chunk:
        """The next `size` bytes."""
        if size <= self._end - self._position:
            start = self._position
            self._position += size
            return self._buffer[start : self._position]
        _bounded(size)
        taken = bytearray(self._buffer[self._position : self._end])
        self._position = self._end
        while (missing := size - len(taken)) > 0:
            self._refill()
            step = min(missing, self._end - self._position)
            taken += self._buffer[self._position : self._position + step]
            self._position += step
        return taken

    def text(self, limit: int = MAX_BLOCK) -> str:
        size = self.varint()
        if size > limit:
            raise ProtocolError(faults.CANNOT_PARSE, f"DB::Exception: a text of {size} bytes")
        return bytes(self.take(size)).decode("utf-8", "replace")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "little")

    def skip(self, size: int) -> None:
        """Pass `size` bytes, which the recording keeps."""
        if size <= self._end - self._position:
            self._position += size
            return
        _bounded(size)
        missing = size - (self._end - self._position)
        self._position = self._end
        self._skip_beyond(missing)

    def skip_texts(self, count: int) -> None:
        """Pass `count` length-prefixed texts."""
        buffer, position, end = self._buffer, self._position, self._end
        for _ in range(count):
            if position < end and (length := buffer[position]) < 0x80 and position + length < end:
                position += 1 + length
                continue
            self._position = position
            self.skip(self.varint())
            buffer, position, end = self._buffer, self._position, self._end
        self._position = position

    def record(self) -> None:
        """Keep every byte read from here on, until `recorded`."""
        self._parts, self._mark, self._recorded = [], self._position, 0

    def recorded(self) -> list[Chunk]:
        """The bytes since `record`, in pieces; ends the recording."""
        self._keep()
        parts, self._parts = self._parts, None
        return parts or []

    def _fill(self) -> None:
        """Replace the buffer, all of which has been read, by at least one new byte."""
        raise NotImplementedError

    def _skip_beyond(self, missing: int) -> None:
        while missing > 0:
            self._refill()
            step = min(missing, self._end - self._position)
            self._position += step
            missing -= step

    def _refill(self) -> None:
        self._keep()
        self._mark = 0
        self._fill()

    def _keep(self, piece: Chunk | None = None) -> None:
        """Move what was read since the mark, then `piece`, to the recording."""
        if self._parts is None:
            return
        if self._position > self._mark:
            self._parts.append(bytes(self._buffer[self._mark : self._position]))
            self._recorded += self._position - self._mark
        self._mark = self._position
        if piece is not None:
            self._parts.append(piece)
            self._recorded += len(piece)
        _bounded(self._recorded)


class MemorySource(ByteSource):
    """Bytes at hand."""

    def __init__(self, data: Chunk) -> None:
        super().__init__()
        self._buffer, self._end = data, len(data)

    @property
    def position(self) -> int:
        return self._position

    def _fill(self) -> NoReturn:
        raise ProtocolError(faults.CANNOT_PARSE, "DB::Exception: a block ends too early")


class SocketSource(ByteSource):
    """Bytes of a blocking socket.

    Raises:
        ClientGone: the peer closed or reset the connection.
        TimeoutError: the socket's timeout passed without a byte.
    """

    def __init__(self, peer: socket.socket) -> None:
        super().__init__()
        self._peer = peer
        self._buffer = bytearray(BUFFER)

    def _fill(self) -> None:
        self._position = 0
        self._end = 0
        self._end = self._receive(memoryview(self._buffer))

    def take(self, size: int) -> Chunk:
        had = self._end - self._position
        if size - had < BUFFER or self._parts is not None:
            return super().take(size)
        _bounded(size)
        taken = bytearray(size)
        taken[:had] = self._buffer[self._position : self._end]
        self._position = self._end
        self._fill_whole(memoryview(taken)[had:])
        return taken

    def _skip_beyond(self, missing: int) -> None:
        if missing < BUFFER:
            super()._skip_beyond(missing)
            return
        piece = bytearray(missing)
        self._keep()
        self._fill_whole(memoryview(piece))
        self._keep(piece)

    def _fill_whole(self, view: memoryview) -> None:
        while view:
            view = view[self._receive(view) :]

    def _receive(self, view: memoryview) -> int:
        try:
            size = self._peer.recv_into(view)
        except ConnectionError as error:
            raise ClientGone from error
        if size == 0:
            raise ClientGone
        return size


class FrameSource(ByteSource):
    """The decompressed content of ClickHouse's checksummed frames on another source."""

    def __init__(self, wire: ByteSource) -> None:
        super().__init__()
        self._wire = wire

    def _fill(self) -> None:
        checksum = self._wire.take(16)
        head = bytes(self._wire.take(_FRAME_HEAD))
        method = head[0]
        packed = int.from_bytes(head[1:5], "little")
        size = int.from_bytes(head[5:9], "little")
        if not _FRAME_HEAD <= packed <= MAX_BLOCK or not 0 < size <= MAX_BLOCK:
            raise ProtocolError(faults.CANNOT_PARSE, "DB::Exception: sizes of a frame are wrong")
        frame = head + self._wire.take(packed - _FRAME_HEAD)
        if _checksum(frame) != checksum:
            raise ProtocolError(40, "DB::Exception: Checksum doesn't match: corrupted data.")
        content = memoryview(frame)[_FRAME_HEAD:]
        if method == _LZ4:
            try:
                self._buffer = lz4.decompress(content, uncompressed_size=size)
            except lz4.LZ4BlockError as error:
                raise ProtocolError(
                    faults.CANNOT_PARSE, f"DB::Exception: cannot decompress a frame: {error}"
                ) from error
        elif method == _STORED:
            self._buffer = bytes(content)
        else:
            raise ProtocolError(
                faults.UNKNOWN_COMPRESSION_METHOD,
                f"DB::Exception: Compression method 0x{method:02x} is not offered; use lz4.",
            )
        self._position, self._end = 0, len(self._buffer)


def frame(content: Chunk) -> bytes:
    """`content` as one checksummed LZ4 frame."""
    packed: bytes = lz4.compress(content, store_size=False)
    head = (
        bytes([_LZ4])
        + (len(packed) + _FRAME_HEAD).to_bytes(4, "little")
        + len(content).to_bytes(4, "little")
    )
    whole = head + packed
    return _checksum(whole) + whole


def _checksum(data: bytes) -> bytes:
    value: int = CityHash128(data)
    return (value >> 64).to_bytes(8, "little") + (value & 0xFFFF_FFFF_FFFF_FFFF).to_bytes(
        8, "little"
    )


def _bounded(size: int) -> None:
    if size > MAX_BLOCK:
        raise ProtocolError(faults.CANNOT_PARSE, f"DB::Exception: a block of {size} bytes")
