"""Tokens of systems: who speaks, told from the credential alone. Only hashes are kept."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select, update

from storage.control.schema import token as tokens

#: The reserved reporter that reads all of its city and pushes nothing.
READER: Final = "city"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is: city id and reporter code."""

    city: int
    reporter: str

    @property
    def may_push(self) -> bool:
        return self.reporter != READER


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token without its secret."""

    id: int
    city: int
    reporter: str
    created_ms: int
    revoked_ms: int | None


def issue(connection: Connection, city: int, reporter: str, now_ms: int) -> str:
    """Make a token; the text returned is shown once and cannot be read again."""
    secret = f"grn_{secrets.token_urlsafe(32)}"
    connection.execute(
        insert(tokens).values(
            hash=_hash(secret), city=city, reporter=reporter, created_ms=now_ms, revoked_ms=None
        )
    )
    return secret


def verify(connection: Connection, secret: str) -> Holder | None:
    """Whose token it is; None if it was never issued or is revoked."""
    row = connection.execute(
        select(tokens.c.city, tokens.c.reporter).where(
            tokens.c.hash == _hash(secret), tokens.c.revoked_ms.is_(None)
        )
    ).first()
    return None if row is None else Holder(row.city, row.reporter)


def revoke(connection: Connection, token_id: int, now_ms: int) -> bool:
    """Make a token worthless from now on; False if there is no such valid token."""
    changed = connection.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.revoked_ms.is_(None))
        .values(revoked_ms=now_ms)
    )
    return changed.rowcount == 1


def issued(connection: Connection, city: int | None = None) -> list[IssuedToken]:
    """Every token ever issued, revoked ones too, in order of id."""
    wanted = select(tokens).order_by(tokens.c.id)
    if city is not None:
        wanted = wanted.where(tokens.c.city == city)
    return [
        IssuedToken(row.id, row.city, row.reporter, row.created_ms, row.revoked_ms)
        for row in connection.execute(wanted)
    ]


def _hash(secret: str) -> str:
    # The secret has 256 random bits: a plain hash cannot be searched, a slow one gains nothing.
    return hashlib.sha256(secret.encode()).hexdigest()
