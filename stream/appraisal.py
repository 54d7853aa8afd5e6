"""Results of policies as rows: indices, targets and assessments that a change can alter.

Whatever a figure under a policy may have changed is told anew for all subjects of the policy, since
a rank depends on all of them. Nothing is done where the catalogue has no policies.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

import numpy as np

from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Indicator
from indicators.effects import touched_figures
from indicators.figures import Figures
from indicators.policies.appraisal import Appraisal
from indicators.policies.index import IndexResult
from indicators.policies.models import Index, Target
from indicators.policies.targets import TargetStanding, periods_read
from indicators.policies.told import PolicyPeriods
from storage.standing import POLICIES
from stream.rows import Rows
from stream.state import CityState

Row = dict[str, Any]
Key = tuple[Any, ...]
#: table of `<table>_current` and `<table>_history` → what makes one row of it.
KINDS: Final = {kind.current.removesuffix("_current"): kind for kind in POLICIES}
#: Numbers that are stored as floats, NaN for none.
FLOATS: Final = frozenset(
    {"score", "value", "weight", "weight_used", "points", "target", "actual", "attainment",
     "time_progress", "gap", "remaining", "per_period", "growth_needed"}
)  # fmt: skip

_INTEGERS: Final = frozenset({"year", "rank", "red", "capped", "provisional", "figure_period"})


def has_policies(catalogue: Catalogue) -> bool:
    """Whether there is anything to appraise."""
    return bool(catalogue.indices or catalogue.targets or catalogue.assessments)


def appraise(
    state: CityState,
    figures: Figures,
    touched: Mapping[str, Mapping[int, Flags]],
    rows: Rows,
    version: int,
    known_ms: int,
) -> None:
    """Write the results that the touched observations (table → period → units) can alter."""
    catalogue = state.require_catalogue()
    if has_policies(catalogue):
        made = appraised(state, figures, touched)
        _write(state, made, rows, version, known_ms, retired=0)


def appraised(
    state: CityState, figures: Figures, touched: Mapping[str, Mapping[int, Flags]] | None
) -> dict[str, list[Row]]:
    """Table → rows of keys and values; `touched` None: every result of the state."""
    catalogue = state.require_catalogue()
    told = policy_periods(state)
    appraisal = Appraisal(catalogue, figures, told)
    reached = None if touched is None else _Reached(catalogue, told, touched)
    made: dict[str, list[Row]] = {table: [] for table in KINDS}
    indices: dict[str, set[int]] = {}
    targets: dict[tuple[str, str], set[int]] = {}
    for index in catalogue.indices:
        periods = told.of_index(index)
        if reached is not None:
            periods = reached.of_index(index, periods)
        indices[index.code] = periods
        for period in sorted(periods):
            result = appraisal.index(index, period)
            made["index_score"] += _scores(result, period)
            made["index_component"] += _components(result, period)
    for target in catalogue.targets:
        periods = told.of_target(target)
        if reached is not None:
            periods = reached.of_target(target, periods)
        key = (target.indicator, target.level)
        targets[key] = targets.get(key, set()) | periods
        for period in sorted(periods):
            made["target_standing"].append(
                _standing(
                    target,
                    period,
                    appraisal.target(target, period),
                    appraisal.provisional(target, period),
                )
            )
    for assessment in catalogue.assessments:
        periods = set()
        for index in told.indices_of(assessment):
            periods |= indices[index.code]
        for target in told.targets_of(assessment):
            periods |= targets[target.indicator, target.level]
        periods &= told.of_assessment(assessment)
        for period in sorted(periods):
            for body in appraisal.assessment(assessment, period):
                parts = [
                    {"part": part.part.index or part.part.indicator, "mean": part.mean,
                     "subjects": part.subjects, "weight": float(part.part.weight),
                     "weight_used": part.weight_used, "points": part.points}
                    for part in body.parts
                ]  # fmt: skip
                made["assessment_result"].append(
                    {"assessment_code": assessment.code, "year": assessment.year,
                     "period": period, "body": body.body.code,
                     "body_name": body.body.name.zh, "score": _or_nan(body.score),
                     "parts": json.dumps(parts, ensure_ascii=False)}
                )  # fmt: skip
    return made


def policy_periods(state: CityState) -> PolicyPeriods:
    """When the policies in force are told, and of whom."""
    catalogue = state.require_catalogue()
    opened = {table.code: state.opened(table) for table in catalogue.tables}
    return PolicyPeriods(catalogue, opened)


def keys_of_policies(state: CityState) -> dict[str, set[Key]]:
    """Table → keys of everything that stands in this state; no figure is computed for it."""
    keys: dict[str, set[Key]] = {table: set() for table in KINDS}
    catalogue, told = state.require_catalogue(), policy_periods(state)
    for index in catalogue.indices:
        for period, subject in product(told.of_index(index), told.subjects(index)):
            score = (index.code, period, index.level, subject)
            keys["index_score"].add(score)
            keys["index_component"].update(
                (*score, one.indicator, one.measure) for one in index.components
            )
    for target in catalogue.targets:
        keys["target_standing"].update(
            (target.indicator, period, target.measure, target.year, target.kind, target.level,
             target.subject)
            for period in told.of_target(target)
        )  # fmt: skip
    for one in catalogue.assessments:
        for period, body in product(told.of_assessment(one), one.bodies):
            keys["assessment_result"].add((one.code, period, one.year, body.code))
    return keys


def retire_policies(
    state: CityState,
    gone: Mapping[str, set[Key]],
    rows: Rows,
    version: int,
    known_ms: int,
) -> None:
    """End the results of these keys."""
    made: dict[str, list[Row]] = {}
    for table, keys in gone.items():
        nothing = {
            name: float("nan") if name in FLOATS else 0 if name in _INTEGERS else ""
            for name in KINDS[table].values
        }
        made[table] = [
            {**nothing, **dict(zip(KINDS[table].key, key, strict=True))} for key in sorted(keys)
        ]
    _write(state, made, rows, version, known_ms, retired=1)


class _Reached:
    """Periods whose results the touched observations can alter."""

    def __init__(
        self,
        catalogue: Catalogue,
        told: PolicyPeriods,
        touched: Mapping[str, Mapping[int, Flags]],
    ) -> None:
        self._catalogue, self._told, self._touched = catalogue, told, touched

    def of_index(self, index: Index, periods: set[int]) -> set[int]:
        found: set[int] = set()
        for component in index.components:
            indicator = self._catalogue.indicator[component.indicator]
            stands = {one: self._told.stands(indicator.code, one) for one in periods}
            reached = self._figures(indicator, component.measure, set(stands.values()))
            found |= {period for period, at in stands.items() if at in reached}
        return found

    def of_target(self, target: Target, periods: set[int]) -> set[int]:
        reads = {period: periods_read(target, period) for period in periods}
        indicator = self._catalogue.indicator[target.indicator]
        reached = self._figures(indicator, target.measure, set().union(*reads.values()))
        return {period for period, read in reads.items() if read & reached}

    def _figures(self, indicator: Indicator, measure: str, asked: set[int]) -> set[int]:
        """Those of the periods asked whose figures can change, with figures or not."""
        return set(touched_figures(self._catalogue, indicator, measure, self._touched, asked))


def _scores(result: IndexResult, period: int) -> Iterator[Row]:
    index = result.index
    for at, subject in enumerate(result.subjects):
        yield {
            "index_code": index.code, "level": index.level, "period": period, "subject": subject,
            "year": index.year, "score": float(result.score[at]), "rank": int(result.rank[at]),
            "red": int(result.red[at]), "capped": int(result.capped[at]),
            "consequence": result.consequence[at], "provisional": int(result.provisional[at]),
        }  # fmt: skip


def _components(result: IndexResult, period: int) -> Iterator[Row]:
    index = result.index
    for one in result.components:
        for at, subject in enumerate(result.subjects):
            yield {
                "index_code": index.code, "level": index.level, "period": period,
                "subject": subject, "indicator_code": one.component.indicator,
                "measure": one.component.measure, "figure_period": one.period,
                "value": float(one.value[at]),
                "score": float(one.score[at]), "weight": float(one.component.weight),
                "weight_used": float(one.weight_used[at]), "points": float(one.points[at]),
                "reason": one.reason[at],
            }  # fmt: skip


def _standing(target: Target, period: int, found: TargetStanding, provisional: bool) -> Row:
    return {
        "indicator_code": target.indicator, "measure": target.measure, "year": target.year,
        "kind": target.kind, "level": target.level, "subject": target.subject, "period": period,
        "target": float(target.value), "actual": _or_nan(found.actual),
        "attainment": _or_nan(found.attainment), "time_progress": _or_nan(found.time_progress),
        "progress_kind": target.progress, "gap": _or_nan(found.gap), "state": found.state.value,
        "remaining": _or_nan(found.remaining), "per_period": _or_nan(found.per_period),
        "growth_needed": _or_nan(found.growth_needed), "provisional": int(provisional),
    }  # fmt: skip


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _write(
    state: CityState,
    made: Mapping[str, list[Row]],
    rows: Rows,
    version: int,
    known_ms: int,
    *,
    retired: int,
) -> None:
    catalogue = state.require_catalogue()
    for table, lines in made.items():
        if not lines:
            continue
        columns: Row = {
            name: np.array([line[name] for line in lines], np.float64)
            if name in FLOATS
            else [line[name] for line in lines]
            for name in (*KINDS[table].key, *KINDS[table].values)
        }
        for kind in ("history", "current"):
            rows.add(
                f"{table}_{kind}",
                len(lines),
                city=state.city,
                city_code=catalogue.city.code,
                **columns,
                version=np.full(len(lines), version, np.uint64),
                known_from=known_ms,
                catalogue_version=catalogue.version,
                retired=retired,
            )
