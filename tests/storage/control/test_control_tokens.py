"""Rights come from the credential."""

from sqlalchemy import Connection, select

from storage.control import tokens
from storage.control.cities import City
from storage.control.schema import token


def test_a_token_tells_city_and_reporter_until_it_is_revoked(
    connection: Connection, river: City
) -> None:
    secret = tokens.issue(connection, river.id, "north", 5)
    holder = tokens.verify(connection, secret)
    assert holder == tokens.Holder(river.id, "north")
    assert holder.may_push
    assert tokens.verify(connection, secret + "x") is None
    (known,) = tokens.issued(connection, river.id)
    assert tokens.revoke(connection, known.id, 9)
    assert not tokens.revoke(connection, known.id, 10)
    assert tokens.verify(connection, secret) is None
    assert tokens.issued(connection)[0].revoked_ms == 9


def test_the_store_does_not_know_the_secret(connection: Connection, river: City) -> None:
    secret = tokens.issue(connection, river.id, "north", 5)
    assert secret not in connection.scalars(select(token.c.hash)).all()


def test_the_reading_token_pushes_nothing(connection: Connection, river: City) -> None:
    holder = tokens.verify(connection, tokens.issue(connection, river.id, tokens.READER, 5))
    assert holder is not None
    assert not holder.may_push
