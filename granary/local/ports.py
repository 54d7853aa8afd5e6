"""Free loopback ports that stay usable while a part is being restarted."""

import random
import socket
from pathlib import Path
from typing import Final

_HIGHEST: Final = 32_000
_WIDTH: Final = 12_000
#: Well-known ports end at 1023; servers of other programs like to listen up to here.
_LOWEST: Final = 10_000
_ATTEMPTS: Final = 2_000
_EPHEMERAL: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(host: str, port: int) -> bool:
    """Whether a listener could bind there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def port_range(ephemeral: Path = _EPHEMERAL) -> tuple[int, int]:
    """Where ports are looked for: below those the system gives to outgoing connections (32768 and
    up, unless set otherwise), so that none takes the port of a part while that part is dead.
    """
    try:
        highest = min(_HIGHEST, int(ephemeral.read_text(encoding="ascii").split()[0]) - 1)
    except (OSError, ValueError, IndexError):
        highest = _HIGHEST
    if highest < 2 * _LOWEST:  # too few are left: a collision is the smaller evil
        highest = _HIGHEST
    return max(_LOWEST, highest - _WIDTH), highest


def free_port(host: str, taken: set[int]) -> int:
    """A port nobody listens on and that is not in `taken`, to which it is added.

    Raises:
        OSError: none was found.
    """
    source, (lowest, highest) = random.SystemRandom(), port_range()
    for _ in range(_ATTEMPTS):
        port = source.randint(lowest, highest)
        if port not in taken and is_free(host, port):
            taken.add(port)
            return port
    raise OSError(f"no free port on {host} between {lowest} and {highest}")
