"""A simulated city's files go to the gateway in the order in which they would arrive."""

import threading
from pathlib import Path

import httpx
import pytest

from granary.simulate.plan import SimulationError
from granary.simulate.pushing import push_city, sendings
from tests.simulate.city_files import CityFiles


class Gateway(httpx.BaseTransport):
    """Takes everything but what one reporter sends; keeps what came, in order."""

    def __init__(self, refused: str) -> None:
        self.came: list[tuple[str, str, bytes]] = []  # token, table, body
        self._refused = refused
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        with self._lock:
            self.came.append((token, request.url.params["table"], request.read()))
        if token == self._refused:
            return httpx.Response(422, json={"declared": 3, "accepted": 0, "rejected": 3})
        return httpx.Response(202, json={"declared": 2, "accepted": 2, "rejected": 0})


def reporters(city: CityFiles) -> set[str]:
    return {one["reporter"] for part in ("files", "candidates") for one in city.manifest[part]}


def test_every_file_is_sent_once_by_its_reporter_in_the_order_of_the_manifest(
    faulty: CityFiles, tmp_path: Path
) -> None:
    gateway = Gateway("token-land")
    tokens = {code: f"token-{code}" for code in reporters(faulty)}
    turns = sendings(faulty.folder)
    told = push_city(faulty.folder, turns, "http://gateway", tokens, tmp_path, transport=gateway)
    files = [*faulty.manifest["files"], *faulty.manifest["candidates"]]
    assert told.files == len(files) == len(gateway.came)
    for code in tokens:
        sent = [body for token, _, body in gateway.came if token == f"token-{code}"]
        wanted = [one["file"] for one in files if one["reporter"] == code]
        assert sent == [(faulty.folder / name).read_bytes() for name in wanted]
    land = {one["file"] for one in files if one["reporter"] == "land"}
    assert {file for file, status, _ in told.refused if status == 422} == land
    assert told.cells["rejected"] == 3 * len(land)
    assert list(tmp_path.iterdir()) == []  # no key of an unfinished push is left


def test_live_periods_after_the_one_asked_for_stay_behind(faulty: CityFiles) -> None:
    periods = {one["file"]: one["period"] for one in faulty.manifest["files"]}
    sent = [one.file for turn in sendings(faulty.folder, "2026-M07") for one in turn]
    live = {periods[file] for file in sent if periods[file]}
    assert {one for one in live if "-M" in one} == {"2026-M05", "2026-M06", "2026-M07"}
    assert {file for file in periods if periods[file] is None} <= set(sent)
    assert not [file for file in sent if file.startswith("candidates/")]


def test_who_has_no_token_is_named_before_anything_is_sent(
    faulty: CityFiles, tmp_path: Path
) -> None:
    gateway = Gateway("")
    with pytest.raises(SimulationError, match="no token of"):
        push_city(faulty.folder, sendings(faulty.folder), "http://gateway", {"tax": "t"},
                  tmp_path, transport=gateway)  # fmt: skip
    assert gateway.came == []


def test_another_folder_is_no_city(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="no simulated city"):
        sendings(tmp_path)
