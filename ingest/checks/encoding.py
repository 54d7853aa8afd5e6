"""What bytes people send: UTF-8 with or without BOM, GB18030, UTF-16 as Excel's 'Unicode text'."""

import codecs
from pathlib import Path
from typing import BinaryIO, Final

#: Bytes read at once; the file is never held whole.
_BLOCK: Final = 1 << 20
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UndecodableError(ValueError):
    """The bytes are in none of the encodings; `line` is where UTF-8 breaks, counted from 1.

    `mixed`: what stands above it is UTF-8 beyond doubt.
    """

    def __init__(self, line: int, *, mixed: bool = False) -> None:
        super().__init__(f"line {line} cannot be decoded")
        self.line = line
        self.mixed = mixed


def as_utf8(path: Path, scratch: Path) -> tuple[Path, int]:
    """A file with the same text in UTF-8, and how many bytes of BOM it begins with.

    The file itself where it is UTF-8 already; otherwise it is written to `scratch`.

    Raises:
        UndecodableError: neither valid UTF-8 nor valid GB18030, or UTF-8 as far as some line: read
            as GB18030 its Chinese would be gibberish.
    """
    with path.open("rb") as file:
        start = file.read(3)
    if start[:2] in _UTF16_MARKS:
        if not _transcoded(path, scratch, "utf-16"):
            raise UndecodableError(1)
        return scratch, 0
    broken = _first_break(path)
    if broken is None:
        return path, len(codecs.BOM_UTF8) if start == codecs.BOM_UTF8 else 0
    if not broken.mixed and _transcoded(path, scratch, "gb18030"):
        return scratch, 0
    raise broken


def _first_break(path: Path) -> UndecodableError | None:
    """Where the file stops being UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, chinese = 1, False
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                chinese = chinese or _of_three_bytes(before.decode())
                return UndecodableError(lines + before.count(b"\n"), mixed=chinese)
            if not block:
                return None
            lines += block.count(b"\n")
            chinese = chinese or _of_three_bytes(text)


def _of_three_bytes(text: str) -> bool:
    """Whether a character takes three bytes of UTF-8: those of GB18030's common ones never do so.

    Two bytes say nothing: every sixth character of a GB18030 text looks like such a one.
    """
    return not text.isascii() and max(text) >= "\u0800"


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
