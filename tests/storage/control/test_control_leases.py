"""One holder at a time."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection

from storage.control import leases, schema


def test_a_lease_is_kept_by_renewing_and_lost_by_silence(connection: Connection) -> None:
    assert leases.acquire(connection, "relay", "a", now_ms=0, ttl_ms=10)
    assert not leases.acquire(connection, "relay", "b", now_ms=9, ttl_ms=10)
    assert leases.acquire(connection, "relay", "a", now_ms=9, ttl_ms=10)
    assert not leases.acquire(connection, "relay", "b", now_ms=18, ttl_ms=10)
    assert leases.acquire(connection, "relay", "b", now_ms=19, ttl_ms=10)
    assert leases.holder_of(connection, "relay", 20) == "b"


def test_a_lease_given_back_is_free_at_once(connection: Connection) -> None:
    leases.acquire(connection, "relay", "a", now_ms=0, ttl_ms=10)
    leases.release(connection, "relay", "b")
    assert leases.holder_of(connection, "relay", 1) == "a"
    leases.release(connection, "relay", "a")
    assert leases.acquire(connection, "relay", "b", now_ms=1, ttl_ms=10)


def test_of_many_that_try_one_holds(control_url: str) -> None:
    def attempt(name: str) -> bool:
        with schema.engine(control_url).begin() as connection:
            return leases.acquire(connection, "relay", name, now_ms=0, ttl_ms=10)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, [f"holder-{n}" for n in range(8)])) == 1
