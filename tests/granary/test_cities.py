"""A catalogue folder at a start: put into force once, and again only when it has changed."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from granary.loads import CatalogueChangeError, submit_catalogue, submit_register
from granary.local.cities import CityFolder, install, read_city
from granary.local.instance import changing, load_instance
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


def newer(folder: Path, elsewhere: Path) -> CityFolder:
    """The next version of the folder's catalogue, with one more reporter, kept elsewhere."""
    copied = Path(shutil.copytree(folder, elsewhere))
    city = copied / "city.yaml"
    city.write_text(city.read_text("utf-8").replace("version: 1", "version: 2"), "utf-8")
    reporters = copied / "reporters.yaml"
    reporters.write_text(
        reporters.read_text("utf-8")
        + "- code: newcomer\n  name: {zh: 新来者, en: newcomer}\n  tables: [turnover_annual]\n",
        "utf-8",
    )
    return read_city(copied)


def test_a_restart_with_an_older_folder_keeps_the_newer_catalogue_in_force_and_says_so(
    settings: Settings, folder: Path, tmp_path: Path
) -> None:
    assert install(settings, read_city(folder)) == ""
    second = newer(folder, tmp_path / "second")
    with schema.reading(settings.control_url) as connection:
        city = cities.get(connection, second.catalogue.city.code)
    submit_catalogue(settings.control_url, city.id, second.catalogue)
    for _ in range(2):  # as often as it is started so
        said = install(settings, renamed(folder))
        assert "version 1 of growth_example" in said
        assert "version 2 stays in force" in said
    assert asked_for(settings) == ["catalogue", "register", "catalogue"]
    # Who reports by the catalogue in force can.
    assert "newcomer" in load_instance(settings.data).tokens["growth_example"]


def test_a_folder_that_differs_under_the_version_in_force_is_refused(
    settings: Settings, folder: Path
) -> None:
    install(settings, read_city(folder))
    items = folder / "items.yaml"
    items.write_text(items.read_text("utf-8").replace("decimals: 2", "decimals: 1"), "utf-8")
    with pytest.raises(CatalogueChangeError, match="version"):
        install(settings, read_city(folder))


def test_two_who_change_an_instance_at_once_lose_nothing_of_each_other(settings: Settings) -> None:
    def name(number: int) -> None:
        with changing(settings.data) as instance:
            instance.installed[str(number)] = "x"

    with ThreadPoolExecutor(8) as several:
        list(several.map(name, range(40)))
    assert len(load_instance(settings.data).installed) == 40


def test_tokens_stay_the_same_from_start_to_start(settings: Settings, folder: Path) -> None:
    install(settings, read_city(folder))
    first = load_instance(settings.data).tokens
    install(settings, renamed(folder))
    assert load_instance(settings.data).tokens == first
    assert set(first["growth_example"]) > {"city"}
