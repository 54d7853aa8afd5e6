"""The process that owns an instance's parts: starts them in order, restarts the dead, tells how
they are in `up.json`, and stops them in order.

`python -m granary.local.supervisor` reads its plan (JSON) on stdin. It is one loop on one thread;
another thread asks the parts whether they are ready. SIGTERM or SIGINT stops everything.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

import structlog

from granary.clock import SystemClock
from granary.local.arming import Arming
from granary.local.instance import (
    INSTANCE_FILE,
    UP_FILE,
    Instance,
    hold_lock,
    load_instance,
    write_private,
)
from granary.local.parts import Part, Plan
from granary.local.probes import Health, probe
from granary.logs import configure_logs

log = structlog.get_logger(__name__)

EXIT_ALREADY_RUNNING: Final = 3
EXIT_USAGE: Final = 2

_ROUND_S: Final = 0.05
#: A part that lived shorter than this is started again after a pause, so that a part that cannot
#: start does not take a whole core. Both together stay under the promised second.
_SHORT_LIFE_S: Final = 1.0
_PAUSE_S: Final = 0.5
#: Deaths without ever being ready after which a first start is given up.
_HOPELESS: Final = 10
_ONCE_ATTEMPTS: Final = 3
_STOP_TIMEOUT_S: Final = 15.0
_LOG_BYTES: Final = 64 * 1024 * 1024
_WRAPPER: Final = str(Path(__file__).with_name("die_with_parent.py"))


class Running:
    """State of one part; the policy is its `Part`."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.not_before = 0.0
        self.starts = 0
        self.deaths_unready = 0
        self.health = Health(ready=False)
        self.arming: Arming | None = None
        self.was_ready = False
        self.done = False
        self.given_up = False

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None else None

    @property
    def satisfied(self) -> bool:
        """Whether parts that come after it may start."""
        return self.done if self.part.once else self.was_ready


class Supervisor:
    """Runs a plan until told to stop."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.data = Path(plan.data)
        self.parts = {part.name: Running(part) for part in plan.parts}
        self.state = "starting"
        self.failure = ""
        self.stop_asked = False  # set by a signal handler: a plain flag, no lock to meet itself on
        self._clock = SystemClock()
        self._written = ""
        self._instance, self._instance_read = Instance(), 0

    def run(self) -> int:
        """Start, watch and stop the parts; 0 after an ordinary stop, 1 if the start failed."""
        _end_leftovers(self.data)
        self._publish()
        threading.Thread(target=self._keep_probing, name="probes", daemon=True).start()
        while not self.stop_asked and not self.failure:
            for running in self.parts.values():
                self._reap(running)
                self._start_if_due(running)
            if self.state == "starting" and self._all_up():
                self.state = "ready"
                log.info("ready")
            self._publish()
            time.sleep(_ROUND_S)
        self._stop_all()
        return 1 if self.failure else 0

    def _all_up(self) -> bool:
        return all(
            running.satisfied or running.part.optional for running in self.parts.values()
        ) and all(
            running.health.ready
            for running in self.parts.values()
            if not running.part.once and not running.part.optional
        )

    def _start_if_due(self, running: Running) -> None:
        part = running.part
        if running.process is not None or running.done or running.given_up:
            return
        if time.monotonic() < running.not_before:
            return
        if running.starts == 0 and not all(self.parts[name].satisfied for name in part.after):
            return
        running.arming = Arming.waiting(self.data, part.name)
        running.process = self._spawn(part, running.arming)
        running.starts += 1
        running.started_at = time.monotonic()
        log.info("started", name=part.name, pid=running.pid, starts=running.starts)

    def _spawn(self, part: Part, arming: Arming | None) -> "subprocess.Popen[bytes]":
        logs = self.data / "logs"
        logs.mkdir(exist_ok=True)
        file = logs / f"{part.name}.log"
        if file.exists() and file.stat().st_size > _LOG_BYTES:
            os.replace(file, file.with_suffix(".log.1"))
        base = {name: text for name, text in os.environ.items() if name != "GRANARY_FAILPOINTS"}
        env = {**base, **part.env, **(arming.variables if arming is not None else {})}
        command = [sys.executable, "-S", "-E", _WRAPPER, str(os.getpid()), *part.command]
        with file.open("ab") as output:
            return subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    def _disarm(self, running: Running, *, died: bool = False) -> None:
        """Let go of a start's own variables once it counts; keep them if it died before."""
        arming = running.arming
        if arming is None:
            return
        if running.health.ready or (died and arming.passed()):
            arming.spend()
        elif died:
            log.warning("armed_again", name=running.part.name)
        else:
            return
        running.arming = None

    def _reap(self, running: Running) -> None:
        process = running.process
        if process is None or process.poll() is None:
            self._disarm(running)
            return
        self._disarm(running, died=True)
        code, part, lived = process.returncode, running.part, time.monotonic() - running.started_at
        running.process = None
        log.warning("ended", name=part.name, pid=process.pid, code=code, lived_s=round(lived, 2))
        if part.once and code == 0:
            running.done = True
            return
        if not running.health.ready:
            running.deaths_unready += 1
        running.health = Health(ready=False)
        running.not_before = time.monotonic() + (_PAUSE_S if lived < _SHORT_LIFE_S else 0.0)
        limit = _ONCE_ATTEMPTS if part.once else _HOPELESS
        hopeless = running.deaths_unready >= limit and (part.once or not running.was_ready)
        if (part.once and code == EXIT_USAGE) or hopeless:
            running.given_up = True
            if not part.optional:
                self.failure = f"{part.name} ended {running.starts} times, last with code {code}"
                log.error("given_up", name=part.name, code=code)

    def _keep_probing(self) -> None:
        while not self.stop_asked:
            for running in self.parts.values():
                process = running.process
                if process is None or running.part.once:
                    continue
                found = probe(running.part.probe)
                # A part restarted meanwhile must show its readiness itself.
                if running.process is process and process.returncode is None:
                    running.health = found
                    if found.ready:
                        running.was_ready, running.deaths_unready = True, 0
            time.sleep(0.1 if self.state == "starting" else 0.5)

    def _stop_all(self) -> None:
        """SIGTERM by rank; whatever still lives when its rank's time is over is killed."""
        self.state = "failed" if self.failure else "stopping"
        self.stop_asked = True
        self._publish()
        for rank in sorted({part.stop_rank for part in self.plan.parts}):
            living = [r for r in self.parts.values() if r.part.stop_rank == rank and r.process]
            for running in living:
                if running.process is not None:
                    running.process.terminate()
            deadline = time.monotonic() + _STOP_TIMEOUT_S
            for running in living:
                if running.process is None:
                    continue
                try:
                    running.process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.warning("killed", name=running.part.name)
                    running.process.kill()
                    running.process.wait()
                running.process, running.health = None, Health(ready=False)
        self.state = "failed" if self.failure else "stopped"
        self._publish()

    def _publish(self) -> None:
        """Rewrite up.json if anything but the passing of time changed."""
        self._read_instance()
        lasting = [running for running in self.parts.values() if not running.part.once]
        living = {name: r.pid for name, r in self.parts.items() if r.pid is not None}
        content: dict[str, Any] = {
            **self.plan.face,
            "tokens": self._instance.tokens,
            "warnings": self._instance.warnings,
            "state": self.state,
            "failure": self.failure,
            "pids": {**living, "supervisor": os.getpid()},
            "parts": {
                r.part.name: {
                    "pid": r.pid,
                    "ready": r.health.ready,
                    "restarts": max(0, r.starts - 1),
                    "probe": r.part.probe,
                }
                for r in lasting
            },
            "steps": {
                name: ("done" if r.done else "running" if r.process else "waiting")
                for name, r in self.parts.items()
                if r.part.once
            },
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        if text != self._written:
            self._written = text
            content["written_ms"] = self._clock.now_ms()
            write_private(self.data / UP_FILE, json.dumps(content, ensure_ascii=False, indent=1))

    def _read_instance(self) -> None:
        """Tokens and warnings come from the parts, and from `up` when it adds a city."""
        try:
            changed = (self.data / INSTANCE_FILE).stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed != self._instance_read:
            self._instance, self._instance_read = load_instance(self.data), changed


def _end_leftovers(data: Path) -> None:
    """End parts that outlived a killed supervisor: they hold the files this one's parts need."""
    try:
        found = json.loads((data / UP_FILE).read_bytes())["pids"]
    except (FileNotFoundError, ValueError, KeyError):
        return
    mine = f"GRANARY_DATA={data}".encode()
    for pid in found.values():
        deadline = time.monotonic() + 5.0
        while pid != os.getpid() and mine in _environment(pid):
            late = time.monotonic() > deadline
            try:
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
            except ProcessLookupError:
                break
            time.sleep(0.1)


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def main() -> int:
    configure_logs("INFO", "supervisor")
    plan = Plan.of_json(sys.stdin.read())
    descriptor = hold_lock(Path(plan.data))
    if descriptor is None:
        log.info("already_running", data=plan.data)
        return EXIT_ALREADY_RUNNING
    supervisor = Supervisor(plan)

    def stop(*_: object) -> None:
        supervisor.stop_asked = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return supervisor.run()


if __name__ == "__main__":
    raise SystemExit(main())
