"""One city with faults and one without, of the same plan, made once."""

from dataclasses import replace

import pytest

from granary.simulate.city import make_city
from tests.simulate.cities import PLAN
from tests.simulate.city_files import CityFiles


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> CityFiles:
    folder = tmp_path_factory.mktemp("faulty")
    make_city(PLAN, folder)
    return CityFiles(folder)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> CityFiles:
    folder = tmp_path_factory.mktemp("clean")
    make_city(replace(PLAN, clean=True), folder)
    return CityFiles(folder)
