"""Typed errors of the reports room."""

from indicators.errors import GranaryError


class UntracedNumberError(GranaryError):
    """A sentence of a paper holds a digit that comes from nowhere."""

    code = "untraced_number"
    next_step = "Write the number as a Figure, a Moment, an Ordinal or a Quote."


class NothingToReportError(GranaryError):
    """The city has no figure for the period, as of the instant asked for."""

    code = "nothing_to_report"
    next_step = "Push the period's returns first, or ask for another period, city or instant."


class CityChoiceError(GranaryError):
    """Several cities have figures for the period, or the city named has none at all."""

    code = "city_choice"
    next_step = "Name the city with --city."


class UnknownFormatError(GranaryError):
    """A paper is asked for in a format nobody writes."""

    code = "unknown_format"
    next_step = "Ask for html, docx or both."
