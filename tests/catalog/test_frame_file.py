"""frame.yaml: one mapping, every fault by line and field, in both languages."""

import shutil
from pathlib import Path

import pytest

from catalog.differences import catalogue_differences
from catalog.errors import CatalogueError
from catalog.loader import load

RETAIL = Path(__file__).parents[2] / "catalog" / "retail"
ZONES = RETAIL.parent / "zones"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RETAIL, tmp_path / "city"))


def faults(folder: Path, text: str) -> list[str]:
    (folder / "frame.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load(folder)
    return [str(fault) for fault in caught.value.faults]


def test_every_fault_of_a_field_is_told_with_its_line(folder: Path) -> None:
    assert faults(
        folder,
        "thresholds:\n"
        "  - {sector: 工业, size: -5, source: x}\n"
        "  - {sector: 商业, size: 2000.00001, source: x}\n"
        '  - {sector: 服务业, size: abc, source: ""}\n'
        "near_share: 1.2\n"
        "feeds: []\n",
    ) == [
        "frame.yaml:2: thresholds.0.size: must be above 0 (应大于0)",
        "frame.yaml:3: thresholds.1.size: must have at most 4 decimals (最多4位小数)",
        "frame.yaml:4: thresholds.2.size: must be a number (应为数字)",
        "frame.yaml:4: thresholds.2.source: must not be blank (不得为空)",
        "frame.yaml:5: near_share: must be below 1 (应小于1)",
    ]


def test_two_thresholds_of_a_sector_and_two_feeds_of_a_rank_are_faults(folder: Path) -> None:
    found = faults(
        folder,
        "thresholds:\n"
        "  - {sector: 工业, size: 5, source: x}\n"
        "  - {sector: 工业, size: 2000, source: x}\n"
        "feeds:\n"
        "  - {code: tax, name: {zh: 税, en: T}, rank: 1}\n"
        "  - {code: power, name: {zh: 电, en: P}, rank: 1}\n",
    )
    assert found == [
        "frame.yaml:2: thresholds.0.sector: '工业' is used more than once ('工业'重复使用)",
        "frame.yaml:3: thresholds.1.sector: '工业' is used more than once ('工业'重复使用)",
        "frame.yaml:5: feeds.0.rank: 1 is used more than once (1重复使用)",
        "frame.yaml:6: feeds.1.rank: 1 is used more than once (1重复使用)",
    ]


def test_a_list_is_no_mapping(folder: Path) -> None:
    assert faults(folder, "- a\n") == [
        "frame.yaml:1: must be a mapping of fields to values (应为字段与值的对应)"
    ]


def test_without_the_file_there_is_no_frame_and_a_changed_one_is_told(folder: Path) -> None:
    assert load(folder).frame is None
    text = (ZONES / "frame.yaml").read_text(encoding="utf-8")
    (folder / "frame.yaml").write_text(text, encoding="utf-8")
    before = load(folder)
    (folder / "frame.yaml").write_text(text.replace("due_days: 30", "due_days: 15"), "utf-8")
    assert list(map(str, catalogue_differences(before, load(folder)))) == [
        "~ frame.yaml frame: due_days 30 → 15"
    ]
