"""Typed errors of the control store."""

from indicators.errors import GranaryError


class ControlSchemaError(GranaryError):
    """The store's schema is newer than this program."""

    code = "control_schema"
    next_step = "Run the newer program, or restore a store written by this one."


class NoPartitionLeftError(GranaryError):
    """Every partition of the log belongs to a city."""

    code = "no_partition_left"
    next_step = "Add partitions to the log's topic and raise the number given here."


class UnknownCityError(GranaryError):
    """No city of that code or id was ever assigned."""

    code = "unknown_city"
    next_step = "`granary up --catalog DIR` adds a city."


class IntentConflictError(GranaryError):
    """The record id is taken by an intent with another payload."""

    code = "intent_conflict"
    next_step = "Give the changed record an id of its own."
