"""A probe tells whether a part serves, and never raises."""

import pytest

from granary.local.probes import Health, probe, store_answers


@pytest.mark.integration
def test_a_store_answers_its_user_and_no_other(clickhouse: str) -> None:
    assert store_answers(clickhouse)
    assert not store_answers(clickhouse.replace("granary:", "stranger:", 1))


@pytest.mark.integration
def test_an_address_with_options_is_still_an_address(clickhouse: str) -> None:
    assert store_answers(f"{clickhouse}?secure=false")
    # The embedded store speaks no TLS: it does not serve who asks for it, and that is all.
    assert not store_answers(f"{clickhouse}?secure=true")
    assert probe(f"{clickhouse}?secure=true") == Health(ready=False)


def test_an_address_that_is_none_is_not_ready() -> None:
    assert not store_answers("clickhouse://user:password@127.0.0.1:port/granary")
