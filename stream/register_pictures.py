"""What the register says of the periods of a city's figures (`indicators.register_effects`)."""

from indicators.register_effects import Picture
from indicators.register_effects import register_pictures as pictures_of
from stream.state import CityState


def register_pictures(state: CityState) -> dict[tuple[str, int], Picture]:
    """(table, period) → digest, for every period that the figures in force read."""
    if state.catalogue is None:
        return {}
    opened = {table.code: state.opened(table) for table in state.catalogue.tables}
    return pictures_of(state.catalogue, state.register, opened)
