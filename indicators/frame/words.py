"""What readers call the rows of the work list (应统未统): their kinds, and the states of a case."""

from collections.abc import Mapping
from typing import Final

from indicators.frame.states import State

CASE, NEAR, UNPLACED, OVER = "case", "near", "unplaced", "over"
KIND_WORDS: Final[Mapping[str, str]] = {
    CASE: "应统未统",
    NEAR: "准规上",
    UNPLACED: "行业待定",
    OVER: "超范围",
}
#: In the order of a case's life.
STATE_WORDS: Final[Mapping[str, str]] = {
    State.TO_VERIFY.value: "待核实",
    State.TO_DECLARE.value: "拟申报",
    State.LISTED.value: "已入库",
    State.NOT_ELIGIBLE.value: "不符合",
}
