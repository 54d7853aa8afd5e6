"""An instance's plan: which parts on which ports with which settings, in which order."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from granary.cli.parts import is_there
from granary.local.instance import READER, Instance
from granary.local.parts import Part, Plan
from granary.settings import Settings


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `granary up` was asked for beside the settings. `workers` None: not said, so one."""

    catalogs: tuple[Path, ...] = ()
    workers: int | None = None
    demo: bool = False


def make_plan(settings: Settings, instance: Instance, wishes: Wishes) -> Plan:
    """The plan for `settings.data` (absolute); chooses ports and notes them in `instance`."""
    return _Planner(settings, instance).plan(wishes)


class _Planner:
    def __init__(self, settings: Settings, instance: Instance) -> None:
        self._settings = settings
        self._instance = instance
        self._host = settings.host
        self._gateway = instance.port("gateway", self._host, settings.gateway_port)
        self._console = instance.port("console", self._host, settings.console_port)
        self._kafka = settings.kafka
        self._store = settings.clickhouse.get_secret_value()
        self._kafka_port = self._store_port = 0
        self._reader_url = ""
        if not self._kafka:
            self._kafka_port = instance.port("kafka", self._host, settings.kafka_port)
            self._kafka = f"{self._host}:{self._kafka_port}"
        if not self._store:
            self._store_port = instance.port("clickhouse", self._host, settings.clickhouse_port)
            self._store = instance.store_url(self._host, self._store_port)
            self._reader_url = instance.store_url(self._host, self._store_port, READER)

    def plan(self, wishes: Wishes) -> Plan:
        stores = [part for part in (self._kafka_part(), self._clickhouse_part()) if part]
        catalogs = [str(directory.absolute()) for directory in wishes.catalogs]
        prepare = self._once("prepare", "granary.local.prepare", "store", *catalogs)
        rooms = self._rooms(wishes.workers or 1)
        after = tuple(part.name for part in rooms)
        settle = self._once("settle", "granary.local.prepare", "settle", after=("prepare",))
        parts = [*stores, prepare, *rooms, settle]
        if wishes.demo:
            command = (sys.executable, "-m", "granary.cli.main", "demo")
            parts.append(
                Part(
                    "demo",
                    (*command, "--data", str(self._settings.data)),
                    self._env(),
                    ("settle", *after),
                    once=True,
                    optional=True,
                )
            )
        return Plan(str(self._settings.data), self._face(), tuple(parts))

    def _face(self) -> dict[str, object]:
        return {
            "gateway": f"http://{self._host}:{self._gateway}",
            "console": f"http://{self._host}:{self._console}",
            "kafka": self._kafka,
            "clickhouse_native": self._store,
            "clickhouse_reader": self._reader_url or None,
            "clickhouse_http": None,
            "control": self._settings.control_url,
            "data": str(self._settings.data),
        }

    def _env(self, **own: str | int) -> dict[str, str]:
        shared = {
            "DATA": self._settings.data,
            "CACHE": self._settings.cache,
            "HOST": self._host,
            "KAFKA": self._kafka,
            "CLICKHOUSE": self._store,
            "CONTROL": self._settings.control_url,
            "DASHBOARD_PASSWORD": self._instance.reader_password,
            "GATEWAY_PORT": self._gateway,
            "CONSOLE_PORT": self._console,
            "KAFKA_PORT": self._kafka_port,
            "CLICKHOUSE_PORT": self._store_port,
            **{name.upper(): text for name, text in own.items()},
        }
        return {f"GRANARY_{name}": str(text) for name, text in shared.items()}

    def _once(self, name: str, module: str, *arguments: str, after: tuple[str, ...] = ()) -> Part:
        command = (sys.executable, "-m", module, *arguments)
        return Part(name, command, self._env(), after, once=True)

    def _kafka_part(self) -> Part | None:
        if not self._kafka_port:
            return None
        controller = self._instance.port("kafka_controller", self._host)
        env = {**self._env(), "KAFKA_CONTROLLER_PORT": str(controller)}
        command = (sys.executable, "-m", "granary.local.kafka")
        return Part("kafka", command, env, probe=f"kafka://{self._kafka}", stop_rank=2)

    def _clickhouse_part(self) -> Part | None:
        if not self._store_port:
            return None
        return self._room("clickhouse", "clickhouse", self._store, after=(), stop_rank=1)

    def _rooms(self, workers: int) -> list[Part]:
        gateway = f"http://{self._host}:{self._gateway}/readyz"
        console = f"http://{self._host}:{self._console}/readyz"
        parts: list[Part] = []
        if is_there("gateway"):
            parts.append(self._room("gateway", "gateway", gateway))
        if is_there("worker"):
            parts += [self._watched(f"worker-{n}", "worker") for n in range(1, workers + 1)]
        if is_there("supervision"):
            parts.append(self._watched("supervision", "supervision"))
        if is_there("console"):
            parts.append(self._room("console", "console", console))
        return parts

    def _watched(self, name: str, entry: str) -> Part:
        """A part whose only port is that of its health."""
        port = self._instance.port(name, self._host)
        probe = f"http://{self._host}:{port}/readyz"
        return self._room(name, entry, probe, metrics_port=port, worker_name=name)

    def _room(
        self,
        name: str,
        entry: str,
        probe: str,
        after: Sequence[str] = ("prepare",),
        stop_rank: int = 0,
        **own: str | int,
    ) -> Part:
        command = (sys.executable, "-m", "granary.cli.parts", entry)
        return Part(name, command, self._env(**own), tuple(after), probe=probe, stop_rank=stop_rank)
