"""The part of the read API that tells of the frame (应统未统): /v1/frame and what is below it."""

from datetime import date, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from dashboards.console import frame, frame_case, frame_cases, unmatched
from dashboards.console.answers import as_csv, as_json
from dashboards.console.api import City, Format, Limit, Text
from dashboards.console.cards import cities
from dashboards.console.errors import BadParameterError
from dashboards.console.frame_cases import CasesAsked, Sort
from dashboards.console.store import Store
from granary.clock import Clock, utc
from indicators.frame.words import STATE_WORDS

Kind = Annotated[
    Literal["", "case", "near", "unplaced", "over"],
    Query(description="case 应统未统, near 准规上, unplaced 行业待定, over 超范围; empty: all"),
]
Unplaced = Annotated[bool, Query(description="only cases that name no district of the city")]


def frame_router(store: Store, clock: Clock) -> APIRouter:
    """Every path of the frame over one store."""
    api = APIRouter(prefix="/v1/frame")

    def zone(city: str) -> tzinfo:
        name = next((one["time_zone"] for one in cities(store) if one["city"] == city), "")
        return ZoneInfo(name or "UTC")

    def today(city: str) -> date:
        return utc(clock.now_ms()).astimezone(zone(city)).date()

    @api.get("")
    def read_coverage(city: City) -> Response:
        """Coverage of the city and its districts by count and by size, and response beside it."""
        return as_json(frame.coverage(store, city, utc(clock.now_ms()), today(city)))

    @api.get("/cases")
    def read_cases(
        city: City,
        state: Text = "",
        district: Annotated[str, Query(max_length=2_000)] = "",
        unplaced: Unplaced = False,
        kind: Kind = "",
        overdue: bool = False,
        text: Text = "",
        sort: Sort = "size",
        limit: Limit = 50,
        offset: Annotated[int, Query(ge=0)] = 0,
        format: Format = "json",
    ) -> Response:
        """The work list; state and district take several, by comma. CSV has every case asked for,
        whatever the page, under Chinese headings."""
        states = [one for one in state.split(",") if one]
        if strange := set(states) - set(STATE_WORDS):
            raise BadParameterError(f"There is no state {min(strange)!r}.", state=state)
        asked = CasesAsked(
            today(city),
            states=states,
            districts=[one for one in district.split(",") if one],
            unplaced=unplaced,
            kind=kind,
            overdue=overdue,
            text=text,
            sort=sort,
        )
        if format == "csv":
            rows = frame_cases.cases(store, city, asked)["rows"]
            table = frame_cases.printed(rows, zone(city))
            return as_csv(table, f"frame-{city}", frame_cases.PRINTED)
        return as_json(frame_cases.cases(store, city, asked, limit, offset))

    @api.get("/cases/{case:path}")
    def read_case(case: str, city: City) -> Response:
        """One case: its facts, what each feed says, who decided what."""
        return as_json(frame_case.case(store, city, case, today(city)))

    @api.get("/unmatched")
    def read_unmatched(city: City, limit: Limit = 50, format: Format = "json") -> Response:
        """Departments' keys without a unit, with the observations that wait; CSV has all."""
        if format == "csv":
            rows = unmatched.printed(unmatched.unmatched(store, city))
            return as_csv(rows, f"unmatched-{city}")
        return as_json(unmatched.unmatched(store, city, limit))

    return api
