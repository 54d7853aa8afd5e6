"""Cities and their partition of the log: assigned once, never rehashed."""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from granary.topics import PARTITIONS
from storage.control.errors import NoPartitionLeftError, UnknownCityError
from storage.control.schema import city as cities


@dataclass(frozen=True, slots=True)
class City:
    """`id` UInt16 from 1; `generation` grows when a city's log is begun anew."""

    id: int
    code: str
    partition: int
    generation: int
    catalogue: str  # name of the folder it was loaded from


def assign(
    connection: Connection, code: str, *, catalogue: str = "", partitions: int = PARTITIONS
) -> City:
    """The city's id, partition and generation: the same ever after; a new code takes the next.

    Raises:
        NoPartitionLeftError: `partitions` cities are there already.
    """
    for _ in range(3):  # another process may take the number between reading and writing
        found = find(connection, code)
        if found is not None:
            if catalogue and catalogue != found.catalogue:
                connection.execute(
                    update(cities).where(cities.c.code == code).values(catalogue=catalogue)
                )
            return City(
                found.id, code, found.partition, found.generation, catalogue or found.catalogue
            )
        taken = connection.scalar(select(func.max(cities.c.partition)))
        partition = 0 if taken is None else taken + 1
        if partition >= partitions:
            raise NoPartitionLeftError(f"{code!r} would be city {partition + 1} of {partitions}.")
        try:
            with connection.begin_nested():
                connection.execute(
                    insert(cities).values(
                        id=partition + 1,
                        code=code,
                        partition=partition,
                        generation=0,
                        catalogue=catalogue,
                    )
                )
        except IntegrityError:
            continue
    return get(connection, code)


def find(connection: Connection, code: str) -> City | None:
    """The city of that code, None if it was never assigned."""
    row = connection.execute(select(cities).where(cities.c.code == code)).first()
    return None if row is None else _city(row)


def get(connection: Connection, code: str) -> City:
    """The city of that code.

    Raises:
        UnknownCityError: never assigned.
    """
    found = find(connection, code)
    if found is None:
        raise UnknownCityError(f"no city {code!r}.", city=code)
    return found


def by_id(connection: Connection, number: int) -> City:
    """The city of that id.

    Raises:
        UnknownCityError: never assigned.
    """
    row = connection.execute(select(cities).where(cities.c.id == number)).first()
    if row is None:
        raise UnknownCityError(f"no city {number}.", city=number)
    return _city(row)


def every(connection: Connection) -> list[City]:
    """All cities in order of id."""
    return [_city(row) for row in connection.execute(select(cities).order_by(cities.c.id))]


def _city(row: Row[tuple[object, ...]]) -> City:
    return City(row.id, row.code, row.partition, row.generation, row.catalogue)
