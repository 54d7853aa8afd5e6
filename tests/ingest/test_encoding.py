"""Texts in the encodings people save in are read alike; what is none of them is told by line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.checks.encoding import UndecodableError, as_utf8

#: The 3,755 common characters of GB 2312.
COMMON = st.text(
    st.builds(
        lambda row, cell: bytes([row, cell]).decode("gb18030"),
        st.integers(0xB0, 0xD6),
        st.integers(0xA1, 0xFE),
    ),
    min_size=1,
)


def read(folder: Path, body: bytes) -> str:
    path = folder / "body"
    path.write_bytes(body)
    readable, mark = as_utf8(path, folder / "scratch")
    return readable.read_bytes()[mark:].decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@settings(deadline=None)
@given(text=COMMON)
def test_a_text_of_common_characters_is_read_in_each_encoding(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, text: str
) -> None:
    lines = f"单位,{text}\nA,1\n"
    assert read(tmp_path_factory.mktemp("text"), lines.encode(encoding)) == lines


@pytest.mark.parametrize(
    ("body", "line", "mixed"),
    [
        ("单位,值\n".encode() + "甲区,1\n".encode("gb18030"), 2, True),
        ("单位,值\n".encode() + b"A,1\n" * 400_000 + "甲区,1\n".encode("gb18030"), 400_002, True),
        ("单位,值\n甲".encode()[:-1], 2, True),
        (b"unit,value\nA,\xff\xff\n", 2, False),
        (b"\xff\xfe\x00", 1, False),
    ],
    ids=["two clerks' halves", "far below", "cut off", "neither", "half a UTF-16"],
)
def test_what_cannot_be_read_is_told_by_line(
    tmp_path: Path, body: bytes, line: int, mixed: bool
) -> None:
    with pytest.raises(UndecodableError) as caught:
        read(tmp_path, body)
    assert (caught.value.line, caught.value.mixed) == (line, mixed)
