"""Loads: what differs is asked for once, in records between units, under ids that never clash."""

from pathlib import Path

import pytest

from catalog.changes import RegisterRow
from catalog.loader import load
from catalog.register import read_register
from granary import loads
from granary.loads import (
    CatalogueChangeError,
    UnitKeyCollisionError,
    catalogue_change,
    register_change,
    submit_catalogue,
    submit_register,
)
from granary.records import decode_register
from indicators.catalogue import Catalogue, City
from storage.control import cities, intents
from storage.control.schema import create, engine

FOLDER = Path(__file__).parents[2] / "catalog" / "growth-example"


@pytest.fixture
def control(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'control.sqlite'}"
    create(url)
    with engine(url).begin() as connection:
        cities.assign(connection, "growth_example")
    return url


@pytest.fixture
def catalogue() -> Catalogue:
    return load(FOLDER)


@pytest.fixture
def rows(catalogue: Catalogue) -> list[RegisterRow]:
    return read_register(FOLDER, catalogue)


def asked_for(control: str) -> list[intents.Intent]:
    with engine(control).connect() as connection:
        return intents.pending(connection)


def raised(catalogue: Catalogue, **changes: object) -> Catalogue:
    return catalogue.model_copy(update={"version": catalogue.version + 1, **changes})


def test_a_repeated_load_asks_for_nothing(
    control: str, catalogue: Catalogue, rows: list[RegisterRow]
) -> None:
    assert submit_catalogue(control, 1, catalogue)
    assert submit_register(control, 1, rows) == 10
    before = asked_for(control)
    assert [(one.kind, one.type) for one in before] == [("control", "catalogue"), ("register", "")]
    assert not submit_catalogue(control, 1, catalogue)
    assert submit_register(control, 1, rows) == 0
    assert asked_for(control) == before
    assert not catalogue_change(control, 1, catalogue).differences
    assert register_change(control, 1, rows) == []


def test_what_is_in_force_after_the_loads_is_what_was_loaded(
    control: str, catalogue: Catalogue, rows: list[RegisterRow]
) -> None:
    submit_catalogue(control, 1, catalogue)
    submit_register(control, 1, rows[:4])
    submit_register(control, 1, rows)
    submit_register(control, 1, rows[2:])
    with engine(control).connect() as connection:
        assert loads.catalogue_in_force(connection, 1) == catalogue
    assert register_change(control, 1, rows[2:]) == []


def test_a_register_that_goes_back_and_forth_is_asked_for_each_time(
    control: str, rows: list[RegisterRow]
) -> None:
    for one in (rows, rows[:1], rows, rows[:1]):
        assert submit_register(control, 1, one) > 0
    ids = [intent.record_id for intent in asked_for(control)]
    assert len(ids) == len(set(ids)) == 4


def test_records_are_cut_between_units(
    control: str, rows: list[RegisterRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loads, "RECORD_ROWS", 5)
    submit_register(control, 1, rows)
    records = [decode_register(intent.payload)[1] for intent in asked_for(control)]
    assert [len(record) for record in records] == [4, 4, 2]
    assert [{row.code for row in record} for record in records] == [{"A", "B"}, {"C", "D"}, {"E"}]


@pytest.mark.parametrize("at_once", [True, False], ids=["both new", "one in force, one dropped"])
def test_two_units_of_one_key_are_never_asked_for(
    control: str, rows: list[RegisterRow], monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    taken = {"A": 7, "E": 7}
    monkeypatch.setattr(loads, "unit_id", lambda _, code: taken.get(code, hash(code)))
    before = []
    if not at_once:
        submit_register(control, 1, [row for row in rows if row.code == "A"])
        submit_register(control, 1, [row for row in rows if row.code == "B"])
        before = asked_for(control)
    new = rows if at_once else [row for row in rows if row.code != "A"]
    for ask in (register_change, submit_register):
        with pytest.raises(UnitKeyCollisionError) as caught:
            ask(control, 1, new)
        kind = rows[0].kind
        assert f"'{kind}:A' and '{kind}:E'" in str(caught.value)
    assert asked_for(control) == before


def test_a_changed_catalogue_needs_a_higher_version(control: str, catalogue: Catalogue) -> None:
    submit_catalogue(control, 1, catalogue)
    changed = catalogue.model_copy(update={"indicators": catalogue.indicators[:1]})
    with pytest.raises(CatalogueChangeError, match="must be raised"):
        submit_catalogue(control, 1, changed)
    later = raised(changed)
    (difference,) = catalogue_change(control, 1, later).differences
    assert str(difference) == "- indicators turnover_keep_base"
    assert submit_catalogue(control, 1, later)
    with pytest.raises(CatalogueChangeError, match="must be raised"):
        submit_catalogue(control, 1, catalogue)


def test_an_id_removed_long_ago_is_never_given_to_another_thing(
    control: str, catalogue: Catalogue
) -> None:
    submit_catalogue(control, 1, catalogue)
    second = raised(catalogue, indicators=catalogue.indicators[:1])
    submit_catalogue(control, 1, second)
    other = catalogue.indicators[1].model_copy(update={"code": "another"})
    third = raised(second, indicators=[catalogue.indicators[0], other])
    with pytest.raises(CatalogueChangeError, match="cannot be 'another'"):
        submit_catalogue(control, 1, third)


def test_a_catalogue_is_not_loaded_into_another_city(control: str, catalogue: Catalogue) -> None:
    other = City(code="elsewhere", name=catalogue.city.name)
    with pytest.raises(CatalogueChangeError, match="elsewhere"):
        submit_catalogue(control, 1, catalogue.model_copy(update={"city": other}))
