"""Why the fold stops, or sets something aside."""

from indicators.errors import GranaryError


class CityHaltedError(GranaryError):
    """One city cannot go on until an operator acts; the worker's other cities do."""

    code = "city_halted"


class UnreadableRecordError(CityHaltedError):
    """A control, register or manifest record cannot be read: judging on would be wrong."""

    code = "unreadable_record"
    next_step = "The city is halted; see docs/runbook.md, 'a city is halted'."


class OffsetGapError(GranaryError):
    """A message came whose offset is beyond the next one of the ledger."""

    code = "offset_gap"
    next_step = "The worker rewinds by itself; if it repeats, the log has lost messages."


class DeadLetterLimitError(CityHaltedError):
    """So many recent records are undecodable that draining on would bin a whole feed."""

    code = "dead_letter_limit"
    next_step = "The city is halted; see docs/runbook.md, 'too many dead letters'."
