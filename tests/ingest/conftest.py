"""The river city behind an HTTP client that runs in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from ingest.gateway.app import create_app
from tests.ingest.cast import River, river_city


@dataclass
class Door:
    """The gateway's door, and the city behind it."""

    river: River
    client: TestClient

    def push(
        self,
        body: str | bytes,
        by: str = "north",
        table: str = "monthly",
        key: str = "",
        kind: str = "text/csv",
        **query: str,
    ) -> httpx.Response:
        """Send a file with a reporter's token."""
        headers = {"Authorization": f"Bearer {self.river.tokens[by]}", "Content-Type": kind}
        if key:
            headers["Idempotency-Key"] = key
        content = body.encode() if isinstance(body, str) else body
        response: httpx.Response = self.client.post(
            "/v1/submissions", params={"table": table, **query}, content=content, headers=headers
        )
        return response

    def get(self, path: str, by: str = "north") -> httpx.Response:
        """Ask with a reporter's token."""
        headers = {"Authorization": f"Bearer {self.river.tokens[by]}"}
        response: httpx.Response = self.client.get(path, headers=headers)
        return response


def rules(response: httpx.Response) -> list[str]:
    """Rules of the answer's findings in order."""
    found: list[dict[str, Any]] = response.json()["findings"]
    return [finding["rule"] for finding in found]


@pytest.fixture
def river(tmp_path: Path) -> River:
    return river_city(tmp_path)


@pytest.fixture
def door(river: River) -> Iterator[Door]:
    # The loops stay still: what they do is called by the tests that are about it.
    client = TestClient(create_app(river.gateway), raise_server_exceptions=False)
    yield Door(river, client)
    client.close()
