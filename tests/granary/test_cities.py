"""A catalogue folder at a start: put into force once, and again only when it has changed."""

import shutil
from pathlib import Path

import pytest

from granary.loads import submit_register
from granary.local.cities import CityFolder, install, read_city
from granary.local.instance import load_instance
from granary.settings import Settings, read_settings
from storage.control import cities, intents, schema

EXAMPLE = Path(__file__).parents[2] / "catalog" / "growth-example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "growth-example"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = read_settings(data=tmp_path)
    schema.create(settings.control_url)
    return settings


def asked_for(settings: Settings) -> list[str]:
    with schema.reading(settings.control_url) as connection:
        return [each.type or each.kind for each in intents.pending(connection)]


def load_elsewhere(settings: Settings, changed: CityFolder) -> None:
    """What `granary register load` does from another folder."""
    with schema.reading(settings.control_url) as connection:
        city = cities.get(connection, changed.catalogue.city.code)
    submit_register(settings.control_url, city.id, changed.register)


def renamed(folder: Path) -> CityFolder:
    units = folder / "units.csv"
    units.write_text(units.read_text("utf-8").replace("A企业", "A集团"), "utf-8")
    return read_city(folder)


def test_a_restart_does_not_undo_a_register_loaded_from_elsewhere(
    settings: Settings, folder: Path
) -> None:
    first = read_city(folder)
    install(settings, first)
    assert asked_for(settings) == ["catalogue", "register"]
    load_elsewhere(settings, renamed(folder))
    install(settings, first)
    assert asked_for(settings) == ["catalogue", "register", "register"]


def test_a_folder_changed_since_the_last_start_is_put_into_force(
    settings: Settings, folder: Path
) -> None:
    install(settings, read_city(folder))
    install(settings, renamed(folder))
    assert asked_for(settings) == ["catalogue", "register", "register"]


def test_tokens_stay_the_same_from_start_to_start(settings: Settings, folder: Path) -> None:
    install(settings, read_city(folder))
    first = load_instance(settings.data).tokens
    install(settings, renamed(folder))
    assert load_instance(settings.data).tokens == first
    assert set(first["growth_example"]) > {"city"}
