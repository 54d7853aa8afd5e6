"""The read API of the console under /v1: what the page shows, other programs can ask."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from dashboards.console import figures, periods_shown, returns, trail
from dashboards.console.answers import as_csv, as_json, dumps
from dashboards.console.cards import card, cards, cities, city_id, names
from dashboards.console.errors import BadParameterError
from dashboards.console.freshness import Freshness
from dashboards.console.hub import Hub
from dashboards.console.observed import observations
from dashboards.console.sides import Asked
from dashboards.console.store import Row, Store
from granary.clock import Clock, utc
from indicators.errors import PeriodError
from indicators.periods import format_period, parse_period, period_end
from indicators.vocabulary import MEASURES

#: A comment line this often keeps proxies and browsers from closing a silent stream.
HEARTBEAT_S = 10.0

City = Annotated[str, Query(description="city code, from /v1/cities", min_length=1, max_length=64)]
Limit = Annotated[int, Query(ge=1, le=10_000)]
Format = Annotated[Literal["json", "csv"], Query(description="json or csv")]
Text = Annotated[str, Query(max_length=200)]


def router(store: Store, hub: Hub, clock: Clock, freshness: Freshness) -> APIRouter:
    """Every /v1 path over one store and one hub."""
    api = APIRouter(prefix="/v1")

    def now() -> datetime:
        return utc(clock.now_ms())

    @api.get("/cities")
    def read_cities() -> Response:
        """Cities the store knows."""
        return as_json(cities(store))

    @api.get("/indicators")
    def read_indicators(city: City) -> Response:
        """Indicator cards (指标卡) of a city."""
        return as_json([found.as_json() for found in cards(store, city)])

    @api.get("/names")
    def read_names(city: City) -> Response:
        """{levels: {level: {code: name}}, level_names, items, reporters, tables: {code: name}}."""
        return as_json(
            {
                "levels": figures.subject_names(store, city),
                "level_names": names(store, city, "level"),
                "items": names(store, city, "item"),
                "reporters": names(store, city, "reporter"),
                "tables": names(store, city, "table"),
            }
        )

    @api.get("/periods")
    def read_periods(city: City) -> Response:
        """Periods with figures, newest first."""
        city_id(store, city)
        return as_json(periods_shown.periods(store, city))

    @api.get("/state")
    def read_state(city: City) -> Response:
        """The last record that the store vouches for, and how many the log holds beyond it."""
        return as_json(freshness.of(city))

    @api.get("/headline")
    def read_headline(city: City, period: Text = "") -> Response:
        """The city's figures at a glance; `period` bounds the time."""
        return as_json(figures.headline(store, city, _period(period)))

    @api.get("/profile")
    def read_profile(
        city: City, period: Text, level: Text = "city", subject: Text = ""
    ) -> Response:
        """Every indicator of one subject, with its place among the subjects of its level."""
        return as_json(figures.profile(store, city, level, subject, _period(period)))

    @api.get("/indicators/{code}/ranking")
    def read_ranking(
        code: str, city: City, period: Text, level: Text = "district", measure: Text = "current"
    ) -> Response:
        """Members of a level, best first, with last year and growth."""
        _check_measures([measure])
        found = card(store, city, code)
        return as_json(figures.ranking(store, city, found, level, _period(period), measure))

    @api.get("/indicators/{code}/values")
    def read_values(
        code: str,
        city: City,
        level: Text = "",
        subject: Text = "",
        by_level: Text = "",
        by_subject: Text = "",
        period: Text = "",
        measure: Text = "",
        standing: Text = "",
        first: Text = "",
        last: Text = "",
        limit: Limit = 10_000,
        format: Format = "json",
    ) -> Response:
        """Rows of v_indicator; level, subject, period and measure take several, by comma."""
        card(store, city, code)
        measures = _several(measure)
        _check_measures(measures)
        rows = figures.values(
            store,
            city,
            code,
            levels=_several(level),
            subjects=_several(subject),
            by_level=by_level,
            by_subject=by_subject,
            periods=[_period(one) for one in _several(period)],
            measures=measures,
            standing=standing,
            first=period_end(parse_period(_period(first))) if first else None,
            last=period_end(parse_period(_period(last))) if last else None,
            limit=limit,
        )
        return _answer(rows, format, code)

    @api.get("/indicators/{code}/rows")
    def read_rows(
        code: str,
        city: City,
        level: Text,
        period: Text,
        subject: Text = "",
        by_level: Text = "",
        by_subject: Text = "",
        measure: Text = "current",
        standing: Text = "",
        limit: Limit = 500,
    ) -> Response:
        """The observations behind one figure, with exact sums of those that count."""
        _check_measures([measure])
        at = parse_period(_period(period))
        asked = Asked(level, subject, by_level, by_subject, at, measure)
        return as_json(trail.behind(store, city, code, asked, standing=standing, limit=limit))

    @api.get("/observations")
    def read_observations(
        city: City,
        item: Text = "",
        unit: Text = "",
        period: Text = "",
        limit: Limit = 500,
        format: Format = "json",
    ) -> Response:
        """Rows of v_observation; item, unit and period take several, by comma."""
        city_id(store, city)
        rows = observations(
            store,
            city,
            items=_several(item),
            units=_several(unit),
            periods=[_period(one) for one in _several(period)],
            limit=limit,
        )
        return _answer(rows, format, "observations")

    @api.get("/completeness")
    def read_completeness(
        city: City,
        level: Text = "district",
        periods: Annotated[int, Query(ge=1, le=60)] = 6,
        last: Text = "",
    ) -> Response:
        """Returns expected and received per subject and period, with the word for each cell."""
        city_id(store, city)
        return as_json(returns.completeness(store, city, level, periods, now(), _period(last)))

    @api.get("/submissions/recent")
    def read_submissions(city: City, limit: Limit = 20) -> Response:
        """The newest submissions and where their observations are."""
        city_id(store, city)
        return as_json(returns.submissions(store, city, limit))

    @api.get("/alerts")
    def read_alerts(city: City, limit: Limit = 50) -> Response:
        """Alerts, open ones first."""
        city_id(store, city)
        return as_json(returns.alerts(store, city, limit))

    @api.get("/findings")
    def read_findings(city: City, limit: Limit = 50) -> Response:
        """Findings of the checks, latest period first."""
        city_id(store, city)
        return as_json(returns.findings(store, city, limit))

    @api.get("/events")
    async def read_events(city: Text = "") -> Response:
        """Server-sent events: `figures` for every published set, `resync` after a gap."""
        return StreamingResponse(
            _lines(hub, city),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return api


async def _lines(hub: Hub, city: str) -> AsyncIterator[str]:
    async for event in hub.events(city, HEARTBEAT_S):
        if event is None:
            yield ": heartbeat\n\n"
        else:
            yield f"event: {event['type']}\ndata: {dumps(event)}\n\n"


def _answer(rows: list[Row], format: Format, name: str) -> Response:
    return as_csv(rows, name) if format == "csv" else as_json(rows)


def _several(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _period(text: str) -> str:
    """The SDMX text of any way to write a period; '' stays ''."""
    if not text:
        return ""
    try:
        return format_period(parse_period(text))
    except PeriodError as error:
        raise BadParameterError(error.message, period=text) from error


def _check_measures(measures: list[str]) -> None:
    for measure in measures:
        if measure not in MEASURES:
            raise BadParameterError(f"There is no measure {measure!r}.", measure=measure)
