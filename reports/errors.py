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


class FutureInstantError(GranaryError):
    """A paper is asked for as of an instant that is not past."""

    code = "future_instant"
    next_step = "Ask for an earlier --as-of, or leave it out for what is known now."


class UnsealedInstantError(GranaryError):
    """Records that may have been known by the instant are in the log, but not folded yet."""

    code = "unsealed_instant"
    next_step = (
        "Wait until `granary status` shows no lag for the city, then ask again; or leave --as-of"
        " out for what is known now."
    )


class UnknownFormatError(GranaryError):
    """A paper is asked for in a format nobody writes."""

    code = "unknown_format"
    next_step = "Ask for html, docx or both."
