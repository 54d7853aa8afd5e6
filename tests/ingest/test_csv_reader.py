"""Whatever a header looks like, no row behind it is lost."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.checks.batches import UnreadableFileError
from ingest.checks.csv_reader import read_csv
from tests.ingest.cast import catalogue

TABLE = catalogue().table["monthly"]
NAME = st.text(
    st.sampled_from("ab甲 \x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\ufeff'"), min_size=1, max_size=4
)


def read(folder: Path, body: str) -> list[tuple[int, str]]:
    """(row, unit) of each row, in order."""
    path = folder / "a.csv"
    path.write_text(body, encoding="utf-8", newline="")
    return [
        (int(row), unit.as_py())
        for batch in read_csv(path, TABLE)
        for row, unit in zip(batch.rows, batch.units, strict=True)
    ]


@settings(deadline=None)
@given(
    st.lists(NAME, max_size=3),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(0, 3),
    st.integers(1, 5),
)
def test_every_row_is_read_with_its_number(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], end: str, blank: int, rows: int
) -> None:
    header = ",".join(["unit", "turnover", *(f"{n}{name}" for n, name in enumerate(names))])
    lines = [*[" "] * blank, header, *(f"U{n}" + "," * (len(names) + 1) for n in range(rows))]
    found = read(tmp_path_factory.mktemp("csv"), end.join(lines) + end)
    assert found == [(blank + 2 + n, f"U{n}") for n in range(rows)]


def test_empty_rows_of_a_spreadsheet_may_stand_above_the_header(tmp_path: Path) -> None:
    assert read(tmp_path, ',,\n"",\nunit,turnover\nA,1\n') == [(4, "A")]


def test_a_header_wrapped_by_hand_is_one_row_and_its_names_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('unit,"营业\n收入","从业\r\n人员"\nA,1,2\nB,3\nC,4,5\n', newline="")
    (batch,) = read_csv(path, TABLE)
    assert [column.label for column in batch.columns] == ["营业收入", "从业人员"]
    assert batch.rows.tolist() == [2, 4]
    assert [bad.row for bad in batch.bad_rows] == [3]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('unit,turnover\nA,"' + "1" * 3_000_000 + "\n", "endless_row"),
        (
            "unit," + "收" * 100_000 + ",turnover" * 4_000 + "," + "入" * 130_000 + ",x" * 450_000,
            "no_header",
        ),
        ("unit,turnover\n" + "A,1,2\n" * 50_001, "too_many_bad_rows"),
    ],
    ids=["a quote over megabytes", "a header over megabytes", "another table"],
)
def test_what_cannot_be_read_is_refused_whole(tmp_path: Path, body: str, rule: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read(tmp_path, body)
    assert caught.value.rule == rule
