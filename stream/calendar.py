"""The due calendar of the statistical core, as the fold takes it up."""

from indicators.deadlines import DueCalendar

__all__ = ["DueCalendar"]
