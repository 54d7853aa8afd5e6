"""Fixed words of every catalogue: levels that are no grouping, names of measures (指标取值方式).

A measure is a window and a kind. Growth has its kind in its name: 同口径 `yoy_same`, 可比匹配
`yoy_matched`, 名义 `yoy_nominal`, 环比 `mom`.
"""

CITY_LEVEL = "city"
UNIT_LEVEL = "unit"

SAME, MATCHED, NOMINAL, MONTH = "yoy_same", "yoy_matched", "yoy_nominal", "mom"
SHARE, CONTRIBUTION = "share", "contribution"
#: Kinds by which a figure is a part of a whole.
PARTS = (SHARE, CONTRIBUTION)
_WINDOWS = ("ytd", "rolling12")

#: Every lawful name of a measure.
MEASURES: frozenset[str] = frozenset(
    "_".join(filter(None, (window, kind))) or "current"
    for window in ("", *_WINDOWS)
    for kind in ("", SAME, MATCHED, NOMINAL, MONTH, *PARTS)
    if not (window and kind == MONTH)
)


def split_measure(measure: str) -> tuple[str, str]:
    """(window, kind): `ytd_yoy_same` → (ytd, yoy_same); `current` → ('', '')."""
    if measure == "current":
        return "", ""
    for window in _WINDOWS:
        if measure == window:
            return window, ""
        if measure.startswith(f"{window}_"):
            return window, measure[len(window) + 1 :]
    return "", measure
