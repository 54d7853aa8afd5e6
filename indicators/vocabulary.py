"""Fixed words of every catalogue: levels that are no grouping, names of measures (指标取值方式).

A measure is a window and a kind. Growth has its kind in its name: 同口径 `yoy_same`, 可比匹配
`yoy_matched`, 名义 `yoy_nominal`, 环比 `mom`, 两年平均同口径 `two_year_same`. A contribution (拉动)
is that of the whole subject, or of one of three lines that add up to it: units that stay
(`_continuing`), entries (`_entries`), exits (`_exits`).
"""

CITY_LEVEL = "city"
UNIT_LEVEL = "unit"
#: The subject, in a grouping whose members overlap, that holds each of its units once (合计,剔重).
TOTAL = "total"

SAME, MATCHED, NOMINAL, MONTH = "yoy_same", "yoy_matched", "yoy_nominal", "mom"
TWO_YEAR = "two_year_same"
SHARE, CONTRIBUTION, NOMINAL_CONTRIBUTION = "share", "contribution", "contribution_nominal"
CONTINUING, ENTRIES, EXITS = "continuing", "entries", "exits"

GROWTHS = (SAME, MATCHED, NOMINAL, MONTH, TWO_YEAR)
#: kind → (kind of the growth it is part of, line or '' for the whole subject)
CONTRIBUTIONS: dict[str, tuple[str, str]] = {
    "_".join(filter(None, (kind, line))): (growth, line)
    for kind, growth in ((CONTRIBUTION, SAME), (NOMINAL_CONTRIBUTION, NOMINAL))
    for line in ("", CONTINUING, ENTRIES, EXITS)
}
#: Kinds by which a figure is a part of a whole.
PARTS = (SHARE, *CONTRIBUTIONS)
CURRENT, YTD, ROLLING = "", "ytd", "rolling12"
_WINDOWS = (YTD, ROLLING)
#: Measures that are a level over a window, and no comparison.
PLAIN_MEASURES = ("current", *_WINDOWS)

#: Every lawful name of a measure.
MEASURES: frozenset[str] = frozenset(
    "_".join(filter(None, (window, kind))) or "current"
    for window in ("", *_WINDOWS)
    for kind in ("", *GROWTHS, *PARTS)
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
