"""What a submission repeats, what heads a period, and that nothing is finished twice."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from storage.control import cities, schema, submissions
from storage.control.cities import City
from storage.control.submissions import Submission


def one(
    city: City, name: str, content: str = "c", periods: tuple[int, ...] = (202601,)
) -> Submission:
    accepted = len(periods)
    return Submission(
        id=name,
        city=city.id,
        reporter="north",
        table="monthly",
        body_sha256=f"body of {name}",
        period_asked="",
        spool=f"spool/{name}",
        judged_at=1,
        content_hash=content,
        periods=periods,
        declared=accepted,
        accepted=accepted,
        rejected=0,
        chunks=1,
        status="receiving",
        owner="g:1",
        receipt={"submission": name, "说明": "中文"},
        arrived_ms=5,
    )


def accept(connection: Connection, of: Submission, key: str = "") -> None:
    submissions.register(connection, of, key, 6)
    submissions.finish(connection, of, 7)


def heads(connection: Connection) -> dict[int, str]:
    """Period → the submission accepted last; of all lanes."""
    return {row.period: row.submission for row in connection.execute(select(schema.head))}


def test_a_registered_submission_is_receiving_until_it_is_finished(
    connection: Connection, river: City
) -> None:
    first, second = one(river, "a"), one(river, "b")
    submissions.register(connection, first, "", 6)
    submissions.register(connection, second, "", 6)
    assert submissions.receiving(connection) == [first, second]
    assert submissions.receiving(connection, (river.id, "south", "monthly")) == []
    assert heads(connection) == {}
    submissions.finish(connection, first, 7)
    assert submissions.receiving(connection, first.lane) == [second]
    found = submissions.find(connection, "a")
    assert found == dataclasses.replace(first, status="accepted")


def test_finishing_late_does_not_take_the_head_back(connection: Connection, river: City) -> None:
    first, second = one(river, "a"), one(river, "b")
    accept(connection, first)
    accept(connection, second)
    submissions.finish(connection, first, 9)
    assert heads(connection) == {202601: "b"}


def test_only_a_receiving_submission_gets_another_outcome(
    connection: Connection, river: City
) -> None:
    first = one(river, "a", periods=(202601, 202602))
    submissions.register(connection, first, "", 6)
    less = dataclasses.replace(
        first,
        accepted=1,
        rejected=1,
        periods=(202601,),
        chunks=0,
        content_hash="",
        receipt={"x": 1},
    )
    submissions.replace_outcome(connection, less)
    assert submissions.find(connection, "a") == less
    submissions.finish(connection, less, 7)
    assert heads(connection) == {202601: "a"}
    submissions.replace_outcome(connection, first)
    assert submissions.find(connection, "a") == dataclasses.replace(less, status="accepted")


def test_what_was_refused_heads_nothing(connection: Connection, river: City) -> None:
    refused = dataclasses.replace(one(river, "a", periods=()), declared=3, rejected=3)
    accept(connection, refused)
    found = submissions.find(connection, "a")
    assert found is not None
    assert found.status == "refused"
    assert submissions.repeated_by(connection, one(river, "b", periods=())) is None


def test_a_repeat_has_the_content_of_the_one_head_of_all_its_periods(
    connection: Connection, river: City
) -> None:
    year = tuple(range(202601, 202613))
    accept(connection, one(river, "a", "whole", year))
    found = submissions.repeated_by(connection, one(river, "x", "whole", year))
    assert found is not None
    assert found.id == "a"
    assert submissions.repeated_by(connection, one(river, "x", "other", year)) is None
    longer = (*year, 202701)
    assert submissions.repeated_by(connection, one(river, "x", "whole", longer)) is None
    accept(connection, one(river, "b", "part"))
    assert submissions.repeated_by(connection, one(river, "x", "whole", year)) is None


def test_many_periods_fit(connection: Connection, river: City) -> None:
    months = tuple(year * 100 + month for year in range(1900, 2000) for month in range(1, 13))
    accept(connection, one(river, "a", "long", months))
    assert len(heads(connection)) == 1_200
    assert submissions.repeated_by(connection, one(river, "x", "long", months)) is not None


def test_a_key_names_one_submission(connection: Connection, river: City) -> None:
    accept(connection, one(river, "a"), key="k")
    use = submissions.key_use(connection, river.id, "north", "k")
    assert use == submissions.KeyUse("body of a", "a", repeated=False)
    assert submissions.key_use(connection, river.id, "south", "k") is None
    with pytest.raises(IntegrityError), connection.begin_nested():
        submissions.register(connection, one(river, "b"), "k", 6)
    assert submissions.find(connection, "b") is None


def test_one_gateway_at_a_time_registers_in_a_lane(control_url: str) -> None:
    with schema.engine(control_url).begin() as connection:
        river = cities.assign(connection, "river")

    def attempt(number: int) -> bool:
        new = one(river, f"s{number}")
        with schema.engine(control_url).begin() as connection:
            submissions.lock_lane(connection, new.lane)
            if submissions.receiving(connection, new.lane):
                return False
            submissions.register(connection, new, "", 6)
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1
