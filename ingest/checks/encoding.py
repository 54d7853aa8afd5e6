"""What bytes people send: UTF-8 with or without BOM, GB18030, UTF-16 as Excel's 'Unicode text'."""

import codecs
from pathlib import Path
from typing import BinaryIO, Final

#: Bytes read at once; the file is never held whole.
_BLOCK: Final = 1 << 20
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UndecodableError(ValueError):
    """The bytes are in none of the encodings; `line` is where UTF-8 breaks, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} cannot be decoded")
        self.line = line


def as_utf8(path: Path, scratch: Path) -> tuple[Path, int]:
    """A file with the same text in UTF-8, and how many bytes of BOM it begins with.

    The file itself where it is UTF-8 already; otherwise it is written to `scratch`.

    Raises:
        UndecodableError: neither valid UTF-8 nor valid GB18030.
    """
    with path.open("rb") as file:
        start = file.read(3)
    if start[:2] in _UTF16_MARKS:
        if not _transcoded(path, scratch, "utf-16"):
            raise UndecodableError(1)
        return scratch, 0
    broken = _first_broken_line(path)
    if broken is None:
        return path, len(codecs.BOM_UTF8) if start == codecs.BOM_UTF8 else 0
    if _transcoded(path, scratch, "gb18030"):
        return scratch, 0
    raise UndecodableError(broken)


def _first_broken_line(path: Path) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return lines + error.object[: error.start].count(b"\n")
            if not block:
                return None
            lines += block.count(b"\n")


def _transcoded(path: Path, scratch: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file, scratch.open("wb") as out:
        return _copy_decoded(file, out, decoder)


def _copy_decoded(file: BinaryIO, out: BinaryIO, decoder: codecs.IncrementalDecoder) -> bool:
    while True:
        block = file.read(_BLOCK)
        try:
            text = decoder.decode(block, final=not block)
            out.write(text.encode())  # a lone surrogate of UTF-16 cannot be encoded
        except UnicodeError:
            return False
        if not block:
            return True
