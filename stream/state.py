"""State of one city: what the records folded so far add up to."""

from indicators.catalogue import Catalogue, Table
from indicators.deadlines import DueCalendar
from indicators.locks import Locks
from indicators.register import Register
from stream.cube import BlockStore, Cube
from stream.frame_state import FrameState


class CityState:
    """Catalogue and register in force, due instants, locks, frame coverage, and the cube."""

    def __init__(self, city: int, store: BlockStore, most_cells: int) -> None:
        self.city = city
        self.catalogue_at = 0  # version of the record that brought the catalogue in force
        self.register_at = 0  # version of the register's last record
        self.cube = Cube(city, store, most_cells)
        self.calendar = DueCalendar()
        self.locks = Locks()
        self.frame = FrameState()

    @property
    def catalogue(self) -> Catalogue | None:
        """The catalogue in force; None before the log's first."""
        return self.cube.catalogue

    @property
    def register(self) -> Register:
        return self.cube.register

    def require_catalogue(self) -> Catalogue:
        """The catalogue in force.

        Raises:
            LookupError: none is; whoever asks has not checked.
        """
        if self.catalogue is None:
            raise LookupError("no catalogue is in force")
        return self.catalogue

    def opened(self, table: Table) -> set[int]:
        """Periods that have figures: those with observations, and those with a due instant."""
        planned = {period for code, period in self.calendar.planned() if code == table.code}
        return self.cube.periods(table.code) | planned
