"""Free loopback ports that stay usable while a part is being restarted."""

import random
import socket
from typing import Final

# Below Linux's ephemeral range (32768 and up): an outgoing connection of another program never
# takes the port of a part while that part is dead.
_LOWEST: Final = 20_000
_HIGHEST: Final = 32_000
_ATTEMPTS: Final = 2_000


def is_free(host: str, port: int) -> bool:
    """Whether a listener could bind there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, taken: set[int]) -> int:
    """A port nobody listens on and that is not in `taken`, to which it is added.

    Raises:
        OSError: none was found.
    """
    source = random.SystemRandom()
    for _ in range(_ATTEMPTS):
        port = source.randrange(_LOWEST, _HIGHEST)
        if port not in taken and is_free(host, port):
            taken.add(port)
            return port
    raise OSError(f"no free port on {host} between {_LOWEST} and {_HIGHEST}")
