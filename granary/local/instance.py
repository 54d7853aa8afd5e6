"""What an instance keeps about itself in its data folder, and how others find it.

`instance.json` is made once and holds secrets and ports; `up.json` is what `granary up` prints,
rewritten whenever a part changes. Both are readable by their owner alone.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from granary.local.ports import free_port, is_free
from granary.settings import Settings, read_settings
from indicators.errors import GranaryError

INSTANCE_FILE: Final = "instance.json"
UP_FILE: Final = "up.json"
LOCK_FILE: Final = "supervisor.lock"
CHANGE_LOCK_FILE: Final = "instance.lock"

#: Name of the database and of the user who owns it, and of the user who only reads.
DATABASE: Final = "granary"
OWNER: Final = "granary"
READER: Final = "dashboard"


class NotRunningError(GranaryError):
    """No instance is up on that data folder."""

    code = "not_running"
    next_step = "Start it with `granary up --data DIR`."


class NotADataFolderError(GranaryError):
    """A folder that Granary did not make would be erased."""

    code = "not_a_data_folder"
    next_step = "Name a folder made by `granary up`, or remove it yourself."


class Instance(BaseModel):
    """Secrets and ports, chosen once; ports are chosen again if another program took them."""

    model_config = ConfigDict(extra="forbid")

    owner_password: str = Field(default_factory=lambda: secrets.token_urlsafe(18))
    reader_password: str = Field(default_factory=lambda: secrets.token_urlsafe(18))
    ports: dict[str, int] = Field(default_factory=dict)
    tokens: dict[str, dict[str, str]] = Field(default_factory=dict)
    #: By city: hash of the catalogue folder that a start last put into force.
    installed: dict[str, str] = Field(default_factory=dict)
    #: What the last start has to say to its user.
    warnings: list[str] = Field(default_factory=list)

    def port(self, name: str, host: str, wanted: int = 0) -> int:
        """`wanted`, or the port kept under that name if it is still free, or a new one."""
        kept = wanted or self.ports.get(name, 0)
        taken = {port for other, port in self.ports.items() if other != name}
        if not wanted and (not kept or not is_free(host, kept)):
            kept = free_port(host, taken)
        self.ports[name] = kept
        return kept

    def store_url(self, host: str, port: int, user: str = OWNER) -> str:
        """clickhouse:// URL of the embedded store for one of its two users."""
        password = self.owner_password if user == OWNER else self.reader_password
        return f"clickhouse://{user}:{quote(password, safe='')}@{host}:{port}/{DATABASE}"

    def save(self, data: Path) -> None:
        """Write it to the data folder, atomically, for its owner only."""
        write_private(data / INSTANCE_FILE, self.model_dump_json(indent=1))


def load_instance(data: Path) -> Instance:
    """The instance of that folder; a new one, not yet saved, if there is none."""
    file = data / INSTANCE_FILE
    return Instance.model_validate_json(file.read_bytes()) if file.exists() else Instance()


@contextmanager
def changing(data: Path) -> Iterator[Instance]:
    """The folder's instance, to be changed by one process at a time; saved at the end."""
    descriptor = os.open(data / CHANGE_LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        instance = load_instance(data)
        yield instance
        instance.save(data)
    finally:
        os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically; nobody but the owner may read it."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(scratch, path)


def read_instance(data: Path) -> dict[str, Any]:
    """What `up.json` says: URLs, tokens, pids, parts, state.

    Raises:
        NotRunningError: there is none.
    """
    try:
        found: dict[str, Any] = json.loads((data / UP_FILE).read_bytes())
    except FileNotFoundError:
        raise NotRunningError(f"nothing was started on {data}.") from None
    return found


def hold_lock(data: Path) -> int | None:
    """Become the folder's one supervisor: a descriptor to keep open, None if there is another."""
    descriptor = os.open(data / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_running(data: Path) -> bool:
    """Whether a supervisor holds the folder now."""
    if not (data / LOCK_FILE).exists():
        return False
    descriptor = hold_lock(data)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def erase(data: Path) -> None:
    """Remove the data folder of a stopped instance; nothing happens if it is not there.

    Raises:
        NotADataFolderError: it has files but no `instance.json`, or its supervisor still lives.
    """
    if not data.exists():
        return
    if not (data / INSTANCE_FILE).exists() and any(data.iterdir()):
        raise NotADataFolderError(f"{data} was not made by Granary.")
    if is_running(data):
        raise NotADataFolderError(f"{data} belongs to a running instance.")
    shutil.rmtree(data)


def instance_settings(data: Path | None) -> Settings:
    """Settings that reach a running instance's parts: the environment's, else those of `data`.

    Raises:
        NotRunningError: neither says where the store is.
    """
    settings = read_settings() if data is None else read_settings(data=data)
    if data is None and settings.clickhouse.get_secret_value():
        return settings
    found = read_instance(settings.data)
    return read_settings(
        data=settings.data,
        kafka=found["kafka"],
        clickhouse=found["clickhouse_native"],
        control=found.get("control") or settings.control,
    )


def running_settings(data: Path | None) -> Settings:
    """As `instance_settings`, for those who need its store, which may live with the instance.

    Raises:
        NotRunningError: it does, and the instance is stopped.
    """
    settings = instance_settings(data)
    try:
        found = read_instance(settings.data)
    except NotRunningError:
        return settings  # the settings name a store of its own
    own = found.get("clickhouse_reader") and (
        settings.clickhouse.get_secret_value() == found["clickhouse_native"]
    )
    if own and not is_running(settings.data):
        raise NotRunningError(f"the instance on {settings.data} is stopped, and its store with it.")
    return settings
