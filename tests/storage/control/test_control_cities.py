"""A city keeps the partition it was given."""

import pytest
from sqlalchemy import Connection

from storage.control import cities
from storage.control.errors import NoPartitionLeftError, UnknownCityError


def test_a_city_is_assigned_once_and_keeps_its_place(connection: Connection) -> None:
    first = cities.assign(connection, "river", catalogue="a")
    second = cities.assign(connection, "hill")
    assert (first.id, first.partition) != (second.id, second.partition)
    again = cities.assign(connection, "river", catalogue="b")
    assert (again.id, again.partition, again.catalogue) == (first.id, first.partition, "b")
    assert [city.code for city in cities.every(connection)] == ["river", "hill"]
    assert cities.get(connection, "river") == again == cities.by_id(connection, first.id)


def test_no_city_shares_a_partition(connection: Connection) -> None:
    cities.assign(connection, "river", partitions=1)
    with pytest.raises(NoPartitionLeftError):
        cities.assign(connection, "hill", partitions=1)
    assert cities.assign(connection, "river", partitions=1).partition == 0


def test_an_unknown_city_is_named(connection: Connection) -> None:
    with pytest.raises(UnknownCityError, match="sea"):
        cities.get(connection, "sea")
