"""Rules of register files (名录报送审核): Chinese, English, and whether the row is refused."""

from collections.abc import Mapping
from typing import Final

from ingest.findings import Findings, Severity

RULES: Final[Mapping[str, tuple[str, str, Severity]]] = {
    "missing_column": ("缺少列“{text_zh}”。", "Column '{text_en}' is missing.", "hard"),
    "nearly_column": (
        "没有列“{text}”,是否应为“{near}”?",
        "There is no column '{text}'; is it '{near}'?",
        "hard",
    ),
    "unknown_column": (
        "本表没有列“{text}”;可用的列为:{known_zh}。",
        "The table has no column '{text}'; there are {known_en}.",
        "hard",
    ),
    "row_width": (
        "本行有{found}列,表头有{wanted}列。",
        "The row has {found} columns, the header {wanted}.",
        "hard",
    ),
    "not_one_line": (
        "单元格内有换行或控制字符。",
        "A cell holds a line break or a control character.",
        "hard",
    ),
    "repeated_row": (
        "与第{first}行说的是同一事项。",
        "The row says the same thing as row {first}.",
        "hard",
    ),
    "unlawful": ("{fault_zh}。", "{fault_en}.", "hard"),
    "overlap": ("{fault_zh}。", "{fault_en}.", "hard"),
    "wrong_check_digit": ("{fault_zh}。", "{fault_en}.", "hard"),
    "not_a_date": ("{fault_zh}。", "{fault_en}.", "hard"),
    "stands_together": (
        "同一单位在本分组中的另一行被退回,本行一并未采用,以免单位两头落空或重复。",
        "Another row about the same unit and grouping was refused, so this one was not taken.",
        "hard",
    ),
    "has_parts": (
        "单位“{text}”还有其中项单位{parts},不能撤销。",
        "Unit '{text}' still has parts: {parts}.",
        "hard",
    ),
    "unit_key_collision": (
        "单位“{text}”与“{other}”的内部编号相同,请更换代码。",
        "Unit '{text}' has the internal number of '{other}'; give it another code.",
        "hard",
    ),
    "other_kind": (
        "本表只涉及“{wanted}”,此处为“{text}”。",
        "The table is about '{wanted}', the row says '{text}'.",
        "hard",
    ),
    "unknown_action": (
        "操作只能留空或填“撤销”(drop),不能是“{text}”。",
        "The action is blank or 'drop', not '{text}'.",
        "hard",
    ),
    "no_action_reason": (
        "撤销须在“撤销原因”(action_reason)中说明原因。",
        "A withdrawal needs a reason in action_reason.",
        "hard",
    ),
    "nothing_to_withdraw": (
        "名录中没有可撤销的这一条。",
        "The register has no such entry to withdraw.",
        "hard",
    ),
    "no_right_on_unit": (
        "单位“{text}”{day_zh}不属于{reporter_zh}的填报范围。",
        "Reporter '{reporter}' has no right on unit '{text}'{day_en}.",
        "hard",
    ),
    "no_key": ("须填写主键(key)。", "The row has no key.", "hard"),
    "bad_candidate_key": (
        "“{text}”不能作为主键:加上来源代码后为1至64个字符,不含空格和 : / ? # &。",
        "'{text}' is no key: with the feed's code 1 to 64 signs, no space, none of : / ? # &.",
        "hard",
    ),
    "credit_code": (
        "“{text}”不是有效的统一社会信用代码{hint_zh};没有时请留空。",
        "'{text}' is no credit code{hint_en}; leave it blank where there is none.",
        "hard",
    ),
    "no_name": ("须填写单位名称。", "The row has no name.", "hard"),
    "not_a_size": (
        "“{text}”不是金额:应为不小于0、最多4位小数的数(万元)。",
        "'{text}' is no size: a number not below 0 with up to 4 decimals (万元).",
        "hard",
    ),
    "not_a_period": (
        "“{text}”不是报告期;请写作2026-M06(也可写2026年6月)。",
        "'{text}' is no period; write 2026-M06.",
        "hard",
    ),
    "future_period": (
        "截至期“{text}”晚于报送当月。",
        "The period '{text}' lies behind the month of arrival.",
        "hard",
    ),
    "older_row": (
        "名录中该线索的截至期为{known},本行({text})更早,未采用。",
        "The register knows this candidate as of {known}; the row, of {text}, is older.",
        "hard",
    ),
    "unknown_member": (
        "没有区市县“{text}”。",
        "There is no district '{text}'.",
        "hard",
    ),
    "unplaced": (
        "未填写{columns_zh},无法据此判断该单位是否应当入统。",
        "Without {columns_en} it cannot be judged whether the unit belongs on the list.",
        "soft",
    ),
    "no_district": (
        "未填写区市县;如在名录中也查不到,该线索暂无责任单位。",
        "No district is told; unless the register knows it, nobody is in charge of the case.",
        "soft",
    ),
}


def learn(findings: Findings) -> None:
    """Let the findings know these rules."""
    for rule, (chinese, english, severity) in RULES.items():
        findings.learn(rule, chinese, english, severity)
