"""Names, addresses and credit codes of invented enterprises."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from granary.simulate.plan import Plan

#: Signs of brands: those of grain and granaries, rare in the names of real enterprises.
_FIRST: Final = "禾穗廪稷黍粟麦粒稔穰秧菽籽囷秫稗粱糁穑莳葭藁稼秉"
_SECOND: Final = "穗廪囤稷黍粟禾丰稔实登仓积盈庾粒田畴源泽润晟源川江岭峰辰昊宇腾跃创智慧联众合诚德"
_FORMS: Final = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
_FORM_SHARES: Final = (0.68, 0.20, 0.09, 0.03)
_STREETS: Final = (
    "仓廪", "百谷", "嘉禾", "丰登", "稻香", "麦浪", "穗华", "粟园", "秋实", "耕读",
    "田畴", "金穗", "禾苗", "谷雨", "芒种", "白露", "霜降", "惊蛰", "清和",
    "千仓", "万箱", "积粟", "新禾", "南亩",
)  # fmt: skip
_WAYS: Final = ("路", "街", "大道", "东路", "西路", "南街", "北街")
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = np.array([pow(3, place, 31) for place in range(17)])


def enterprise_names(
    plan: Plan,
    places: Sequence[str],
    words: Sequence[str],
    *,
    salt: str = "",
    taken: Collection[str] = (),
) -> list[str]:
    """A name an enterprise, no two alike and none taken: place, brand, trade, legal form."""
    chance = plan.chance("names", salt)
    count = len(places)
    first = chance.integers(len(_FIRST), size=count).tolist()
    second = chance.integers(len(_SECOND), size=count).tolist()
    third = chance.integers(len(_SECOND), size=count).tolist()
    forms = chance.choice(len(_FORMS), size=count, p=_FORM_SHARES).tolist()
    seen = {name.removesuffix(form) for name in taken for form in _FORMS if name.endswith(form)}
    names = []
    for at, (place, word) in enumerate(zip(places, words, strict=True)):
        brand = _FIRST[first[at]] + _SECOND[second[at]]
        stem = f"成都{place}{brand}{word}"
        tries = 0
        # The legal form alone must not tell two enterprises apart.
        while stem in seen:
            more, again = _SECOND[(third[at] + tries) % len(_SECOND)], tries // len(_SECOND)
            stem = f"成都{place}{brand}{more}{_SECOND[again] if again else ''}{word}"
            tries += 1
        seen.add(stem)
        names.append(stem + _FORMS[forms[at]])
    return names


def addresses(plan: Plan, places: Sequence[str], *, salt: str = "") -> list[str]:
    """An invented address an enterprise, in its county."""
    chance = plan.chance("addresses", salt)
    count = len(places)
    street = chance.integers(len(_STREETS), size=count).tolist()
    way = chance.integers(len(_WAYS), size=count).tolist()
    number = chance.integers(1, 1999, size=count).tolist()
    return [
        f"成都市{place}{_STREETS[street[at]]}{_WAYS[way[at]]}{number[at]}号"
        for at, place in enumerate(places)
    ]


def credit_codes(regions: Sequence[str], serials: NDArray[np.int64]) -> list[str]:
    """Valid credit codes (GB 32100): enterprise, region, MAG and the serial, check digit.

    `regions`: six digits each; distinct serials below 31^6 give distinct codes.
    """
    digits = np.empty((len(regions), 17), np.int64)
    digits[:, 0], digits[:, 1] = 9, 1
    digits[:, 2:8] = np.array([[int(sign) for sign in region] for region in regions]).reshape(-1, 6)
    digits[:, 8:11] = [ALPHABET.index(sign) for sign in "MAG"]
    rest = serials.copy()
    for place in range(16, 10, -1):
        rest, digits[:, place] = np.divmod(rest, 31)
    check = (31 - digits @ _WEIGHTS % 31) % 31
    signs = np.array(list(ALPHABET))
    whole = signs[np.column_stack([digits, check])]
    return ["".join(row) for row in whole.tolist()]
