"""An insert too large for memory goes on in a file, byte for byte."""

from pathlib import Path

from storage.embedded.nativeblocks import Block
from storage.embedded.spool import Spool


def test_a_large_insert_moves_to_a_nameless_file_and_keeps_its_bytes(tmp_path: Path) -> None:
    pieces = [bytes([number]) * 1000 for number in range(10)]
    with Spool(tmp_path, in_memory=2500) as spool:
        for piece in pieces:
            spool.add(Block(("a",), ("UInt8",), 1, [piece, bytearray(b"|")]))
        assert Path(spool.path).read_bytes() == b"".join(piece + b"|" for piece in pieces)
        assert (spool.rows, spool.size) == (10, 10_010)
    assert list(tmp_path.iterdir()) == []
