"""Findings (异常) of the values a chunk brought, judged by their own series as it now stands."""

import numpy as np

from indicators.anomalies import LONGEST_HISTORY, FindingKind, evidence, judge
from indicators.anomaly_rules import AnomalyRule
from indicators.arrays import Flags
from indicators.catalogue import Table
from indicators.periods import format_period, rolling, shift
from stream.rows import Rows
from stream.state import CityState


def add_findings(
    state: CityState,
    table: Table,
    items: set[str],
    touched: dict[int, Flags],
    version: int,
    known_ms: int,
    rows: Rows,
) -> None:
    """Judge the cells of every rule's item that the record of this version wrote.

    `touched` names the units the record wrote anything of; a unit's other items stand as they were
    and keep the findings they have. A finding names the version it judged: once another version of
    the cell stands, the view shows the finding as corrected, and a value that is still far off is
    found anew.
    """
    catalogue = state.catalogue
    if catalogue is None:
        return
    for rule in catalogue.anomalies:
        if rule.table != table.code or rule.item not in items:
            continue
        known = state.cube.periods(table.code)
        for period in sorted(touched):
            _judge_period(
                state, table, rule, period, known, touched[period], version, known_ms, rows
            )


def _judge_period(
    state: CityState,
    table: Table,
    rule: AnomalyRule,
    period: int,
    known: set[int],
    touched: Flags,
    version: int,
    known_ms: int,
    rows: Rows,
) -> None:
    catalogue = state.catalogue
    earlier = [p for p in rolling(shift(period, -1), LONGEST_HISTORY) if p in known]
    if catalogue is None or len(earlier) < rule.history:
        return
    state.cube.ensure(table.code, [*earlier, period])
    value, has = state.cube.values(table.code, rule.item, period)
    written = state.cube.block(table.code, period).version[table.items.index(rule.item)]
    at = np.flatnonzero(touched & (written == np.uint64(version)))
    past = [state.cube.values(table.code, rule.item, p) for p in earlier]
    history = np.stack([amounts[at] for amounts, _ in past])
    there = np.stack([flags[at] for _, flags in past])
    found = judge(value[at], has[at], history, there, rule)
    item = catalogue.item[rule.item]
    keys = state.cube.register.ids(table.unit_kind)[at]
    chosen = np.flatnonzero(found.found)
    rows.add(
        "anomaly",
        len(chosen),
        city=state.city,
        table_id=table.id,
        item=item.id,
        period=period,
        unit=keys[chosen],
        kind=FindingKind.FAR_FROM_OWN_MEDIAN.value,
        score=found.score[chosen],
        value=value[at][chosen],
        median=found.median[chosen],
        proposed=found.proposed[chosen],
        evidence=[
            evidence(
                format_period(period),
                item.name.zh,
                item.unit,
                int(value[at][n]),
                int(found.median[n]),
                float(found.factor[n]),
                int(found.looked_back[n]),
            )
            for n in chosen
        ],
        state="open",
        version=np.full(len(chosen), version, np.uint64),
        known_from=known_ms,
    )
