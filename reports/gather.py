"""A city's picture for the meeting report, read from the store once and as of one instant."""

from typing import Final

from indicators.periods import format_period
from reports import cards, figures, matters
from reports.errors import CityChoiceError, NothingToReportError
from reports.facts import MeetingFacts
from storage.known import Queries, catalogue_known

#: Findings kept; the paper prints fewer and says how many there are.
_FINDINGS: Final = 50


def cities_with(queries: Queries, period: int) -> list[str]:
    """Codes of cities that have any figure of the period."""
    rows = queries.execute(
        "SELECT DISTINCT city_code FROM figure_current WHERE period = %(period)s"
        " AND measure = 'current' ORDER BY city_code",
        {"period": period},
    )
    return [row[0] for row in rows]


def choose_city(queries: Queries, period: int, city: str | None) -> str:
    """The city to report on.

    Raises:
        CityChoiceError: none is named and not exactly one has figures of the period.
    """
    if city is not None:
        return city
    found = cities_with(queries, period)
    if len(found) == 1:
        return found[0]
    said = "、".join(found) if found else "no city"
    raise CityChoiceError(f"{said} has figures of {format_period(period)}.", cities=found)


def gather(
    queries: Queries, city: str, period: int, *, made_ms: int, as_of_ms: int | None = None
) -> MeetingFacts:
    """The picture of `city` for `period`.

    An instant must be sealed (`reports.sealing`), or the picture may lack what was known by then.

    Raises:
        CityChoiceError: no such city in the store.
        NothingToReportError: the period has no figure, as of the instant.
    """
    known = queries.execute(
        "SELECT DISTINCT city FROM dimension WHERE class = 'city' AND code = %(city)s",
        {"city": city},
    )
    if not known:
        raise CityChoiceError(f"the store knows no city {city!r}.", city=city)
    number = int(known[0][0])
    catalogue = catalogue_known(queries, number, as_of_ms)
    every = cards.cards(catalogue) if catalogue else []
    values = figures.values(queries, city, [card.code for card in every], period, as_of_ms)
    here = [value for value in values if value.period == period]
    if not here or catalogue is None:
        raise NothingToReportError(f"{city} has no figure of {format_period(period)}.")
    have = {value.indicator for value in here}
    found = matters.findings(queries, number, catalogue, period, as_of_ms)
    return MeetingFacts(
        city=city,
        city_name=cards.city_name(catalogue),
        time_zone=catalogue.city.time_zone,
        period=period,
        as_of_ms=as_of_ms,
        made_ms=made_ms,
        catalogue_version=catalogue.version,
        cards=[card for card in every if card.code in have],
        subjects=cards.subjects(catalogue),
        tables=cards.names(catalogue.tables),
        level_names=cards.names(catalogue.groupings),
        counters=cards.counters(catalogue),
        values=values,
        returns=figures.returns(queries, city, period, as_of_ms),
        alerts=matters.alerts(queries, city, period, made_ms, as_of_ms),
        findings=found[:_FINDINGS],
        finding_count=len(found),
    )
