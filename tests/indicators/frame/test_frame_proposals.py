"""Registered units proposed for a candidate: by name and address, with scores, for a person."""

import time

from indicators.frame.proposals import Matcher

NAMES = ["成都锦辰电子有限公司", "四川锦晨电器股份有限公司", "成都大宇农业有限责任公司", ""]
ADDRESSES = ["成都市武侯区天府大道1号", "", "成都市金堂县淮口街道8号", "武侯区天府大道1号"]
PLACES = ["成都市", "四川省", "武侯区", "金堂县", "区"]


def test_legal_form_place_brackets_and_width_do_not_matter() -> None:
    matcher = Matcher(NAMES, ADDRESSES, PLACES)
    for name in (
        "锦辰电子(成都市)股份有限公司",
        "成都武侯锦辰电子有限责任公司",
        "锦辰电子(武侯)集团",
    ):
        (found,) = matcher.proposals(name, "武侯天府大道１号")
        assert (found.unit, found.score, found.why) == (0, 100.0, "名称相同,地址相同")
    alike, other = matcher.proposals("锦辰电器有限公司", "")
    assert (alike.unit, alike.score, alike.address_score) == (0, 75.0, None)
    assert (other.unit, other.score) == (1, 75.0)
    assert alike.why == "名称相近(75%)"


def test_a_unit_that_moved_is_proposed_by_its_name_alone_and_nobody_by_a_shared_house() -> None:
    matcher = Matcher(NAMES, ADDRESSES, PLACES)
    (moved,) = matcher.proposals("大宇农业有限公司", "成都市武侯区天府大道1号")
    assert (moved.unit, moved.score, moved.name_score) == (2, 90.0, 100.0)
    assert moved.address_score is not None
    assert moved.why.startswith("名称相同,地址相近(")
    assert matcher.proposals("完全不同的名号", "成都市武侯区天府大道1号") == []
    assert matcher.proposals("", "成都市武侯区天府大道1号") == []


def test_a_hundred_thousand_names_are_looked_through_within_a_second() -> None:
    names = [
        f"成都{chr(0x4E00 + at % 5000)}{chr(0x5000 + at // 37)}科技有限公司"
        for at in range(100_000)
    ]
    addresses = [f"成都市武侯区第{at}号" for at in range(100_000)]
    started = time.process_time()
    found = Matcher(names, addresses, PLACES).proposals(names[777], addresses[777])
    assert time.process_time() - started < 1
    assert (found[0].unit, found[0].score, len(found)) == (777, 100.0, 5)
