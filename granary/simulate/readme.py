"""README.md of a simulated city: what is what, in Chinese and English."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from granary.simulate.faults.entries import Fault
from granary.simulate.plan import Plan
from granary.simulate.writing import File
from indicators.periods import format_period

_KINDS: Final = {
    "missing": ("缺报", "missing return"),
    "late": ("单位迟报", "late return of a unit"),
    "late_file": ("整份迟报", "late file of a reporter"),
    "unit_error": ("计量单位错误", "value in another unit"),
    "ytd_as_month": ("累计填作本月", "year to date typed as the month"),
    "level_shift": ("水平突变", "level shift"),
    "stale_copy": ("照抄上期", "copy of the period before"),
    "moved_unit": ("迁移单位仍由原区上报", "moved unit, reported by its old district"),
    "broken_identity": ("强制性审核不通过", "broken identity (hard check)"),
    "soft_check": ("核实性审核不通过", "value that a soft check names"),
    "source_difference": ("来源间差异超限", "sources differ beyond tolerance"),
    "unmatched_key": ("户号无对应单位", "department key without correspondence"),
    "lease_difference": ("租出与租入不一致", "lease told differently by both parties"),
    "missed_stage": ("分期供地未达约定", "contract stage of land missed"),
    "red_line": ("触碰红线", "constraint indicator past its red line"),
}


def readme(
    plan: Plan, files: Sequence[File], faults: Sequence[Fault], frame: dict[str, Any]
) -> str:
    """The whole text."""
    first, last = format_period(plan.first), format_period(plan.last)
    counts = Counter(one.kind for one in faults)
    table = [f"| `{kind}` | {zh} | {en} | {counts[kind]} |" for kind, (zh, en) in _KINDS.items()]
    rows = sum(file.rows for file in files)
    command = (
        f"granary simulate city --units {plan.units} --months {plan.months} --seed {plan.seed}"
    )
    lines = [
        "# 成都市(模拟) · Chengdu (simulated)",
        "",
        f"`{command}{' --clean' if plan.clean else ''}`",
        "",
        "种子相同,则文件逐字节相同。区市县、县级行政区划为真实名称;功能区、园区、企业、项目、地块及全部数值均为虚构,",
        "如与真实企业同名,纯属巧合。统一社会信用代码校验位正确,但不对应任何登记。门槛、黄线、红线、目标均为示例值。",
        "",
        "The same seed writes the same bytes. Districts and counties have their real names; zones,",
        "parks, enterprises, projects, parcels and every value are invented. Thresholds, lines and",
        "targets are examples.",
        "",
        f"- {plan.units} 家企业 enterprises, {first} – {last}, {len(files)} 个文件 files,"
        f" {rows:,} 行 rows",
        "- `*.yaml` 目录 catalogue; `units.csv`, `memberships.csv`, `list_decisions.csv`,",
        "  `correspondences.csv` 名录 register",
        "- `data/<报送主体 reporter>/<报表 table>.<年 year, 期 period>.csv` 报送数据 feeds, as",
        f"  the gateway takes them (wide CSV). 历史按年一个文件;最近 {plan.live} 个月按期一个文件,",
        "  `.lateN` 为逾期 N 天到达的行。 History is a file a year, the newest months are a file",
        "  each; rows that arrive N days late are in `.lateN`.",
        "- `data.json` 按推送顺序列出文件及到达日 the files in the order to push, by day",
        "- `candidates/<来源 feed>.csv` 名录比对来源 candidate feeds of frame coverage",
        "- `truth.json` 全部埋设的错误 every planted fault, and what frame coverage finds",
        "",
        "| 代码 | 错误 | Fault | 个数 |",
        "|---|---|---|---|",
        *table,
        "",
        "`truth.json` · `faults`: 种类、单位、报表、期别、指标、来源、真值、错值、",
        "可见处(`seen_in`)、涉及的审核规则(`checks`)。 Kind, unit, table, period, item, source,",
        "true and wrong value, where it is seen, and the rules that look at it. `frame`:",
        "",
        f"- `cases` 应统未统 ({len(frame['cases'])}): to be found and confirmed",
        f"- `to_refuse` 会列为疑似、应判不符合 ({len(frame['to_refuse'])}):",
        "  found, to be ruled out by a person, for the reason given",
        f"- `near` 准规上 ({len(frame['near'])}): nearly at the threshold",
        f"- `decoys` 不应列出 ({len(frame['decoys'])}): not to be found",
    ]
    return "\n".join(lines) + "\n"
