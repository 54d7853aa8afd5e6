"""The proofs on an instance at work, as the README says to run them."""

from collections.abc import Iterator

import pytest

from bench.generator import GeneratedCity, joined
from tests.faults.running import Running

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CITY = GeneratedCity(units=1_000, months=14, districts=4, industries=5, code="proofs")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running.start(
        tmp_path_factory.mktemp("proofs"), [CITY], granary_chunk_observations="2000"
    )
    yield running
    running.down()


def test_proofs_run_during_pushes_accuse_nobody(house: Running) -> None:
    looks = 0
    for revision in range(3):
        whole = joined([CITY.observations(period, revision, share=1.0) for period in CITY.periods])
        push = house.pushing(CITY.code, "bureau", whole)
        while not push.done or house.unsettled():
            for proof in (("audit",), ("recompute", "--check")):
                found = house.granary_json(*proof)
                assert found["differences"] == [], proof
                looks += 1
        push.result()
    assert looks > 5
    house.settle()
    house.prove()
    assert house.granary_json("audit")["pending"] == 0


def test_without_check_figures_are_computed_again_and_compared_with_nothing(
    house: Running,
) -> None:
    alone = house.granary_json("recompute")
    assert set(alone) == {"figures", "exit"}
    assert alone["figures"] == house.granary_json("recompute", "--check")["figures"] > 0
