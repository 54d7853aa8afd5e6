"""A part's port is its own also while the part is dead."""

from pathlib import Path

import pytest

from granary.local.ports import free_port, is_free, port_range

HOST = "127.0.0.1"


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        pytest.param("32768\t60999\n", (20_000, 32_000), id="as usual"),
        pytest.param("25000 60999", (12_999, 24_999), id="outgoing connections from lower on"),
        pytest.param("1024 65535", (20_000, 32_000), id="outgoing connections from everywhere"),
        pytest.param("", (20_000, 32_000), id="the system does not say"),
    ],
)
def test_no_outgoing_connection_is_given_the_port_of_a_dead_part(
    tmp_path: Path, system: str, expected: tuple[int, int]
) -> None:
    said = tmp_path / "ip_local_port_range"
    said.write_text(system)
    assert port_range(said) == expected


def test_a_free_port_is_free_and_given_once() -> None:
    taken: set[int] = set()
    ports = [free_port(HOST, taken) for _ in range(20)]
    assert len(set(ports)) == 20
    assert all(is_free(HOST, port) for port in ports)
