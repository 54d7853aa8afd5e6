"""An instance's folder: made once, found again, never erased by mistake."""

import os
import socket
from pathlib import Path

import pytest

from granary.local.instance import (
    Instance,
    NotADataFolderError,
    NotRunningError,
    erase,
    hold_lock,
    is_running,
    load_instance,
    read_instance,
)
from granary.local.plan import Wishes, make_plan
from granary.local.ports import is_free
from granary.settings import read_settings


def test_secrets_and_ports_are_the_same_at_the_next_start(tmp_path: Path) -> None:
    first = load_instance(tmp_path)
    port = first.port("gateway", "127.0.0.1")
    first.save(tmp_path)
    again = load_instance(tmp_path)
    assert again == first
    assert again.port("gateway", "127.0.0.1") == port


def test_a_port_another_program_took_is_replaced() -> None:
    instance = Instance()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        instance.ports["gateway"] = taken
        assert instance.port("gateway", "127.0.0.1") != taken


def test_a_folder_of_someone_else_is_not_erased(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")
    with pytest.raises(NotADataFolderError):
        erase(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_an_instances_folder_is_erased_unless_it_runs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    Instance().save(data)
    held = hold_lock(data)
    assert held is not None
    assert is_running(data)
    with pytest.raises(NotADataFolderError):
        erase(data)
    os.close(held)
    erase(data)
    assert not data.exists()


def test_a_folder_where_nothing_was_started_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError):
        read_instance(tmp_path)


def test_every_part_of_a_plan_has_free_ports_of_its_own(tmp_path: Path) -> None:
    instance = Instance()
    plan = make_plan(read_settings(data=tmp_path), instance, Wishes(workers=3))
    names = [part.name for part in plan.parts]
    assert {"kafka", "clickhouse", "worker-1", "worker-2", "worker-3"} <= set(names)
    assert len(set(instance.ports.values())) == len(instance.ports)
    assert all(is_free("127.0.0.1", port) for port in instance.ports.values())


def test_an_existing_cluster_and_server_are_used_instead_of_own_ones(tmp_path: Path) -> None:
    settings = read_settings(
        data=tmp_path, kafka="broker:9092", clickhouse="clickhouse://u:p@store:9000/granary"
    )
    plan = make_plan(settings, Instance(), Wishes())
    assert not {"kafka", "clickhouse"} & {part.name for part in plan.parts}
    assert plan.parts[-1].env["GRANARY_KAFKA"] == "broker:9092"
    assert plan.face["clickhouse_native"] == "clickhouse://u:p@store:9000/granary"
