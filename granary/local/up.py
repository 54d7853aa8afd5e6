"""Starting and stopping an instance from the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from granary.local import supervisor
from granary.local.instance import (
    NotRunningError,
    changing,
    erase,
    instance_settings,
    is_running,
    read_instance,
)
from granary.local.jars import kafka_jars, require_tool
from granary.local.plan import Wishes, make_plan
from granary.settings import Settings, read_settings
from indicators.errors import GranaryError

_POLL_S: Final = 0.1
_DOWN_TIMEOUT_S: Final = 90.0
_WRAPPER: Final = str(Path(__file__).with_name("die_with_parent.py"))
#: What of up.json is the instance's own business.
_PRIVATE: Final = ("parts", "steps", "failure", "state", "warnings", "written_ms", "control")
_REPOSITORY: Final = Path(__file__).resolve().parents[2]


class NotWhileRunningError(GranaryError):
    """A running instance cannot be given other parts."""

    code = "not_while_running"
    next_step = "Stop it first: granary down --data DIR."


class NotFreshError(GranaryError):
    """An instance whose stores are elsewhere cannot be begun anew by erasing its folder."""

    code = "not_fresh"
    next_step = (
        "Use a new --data with a new control store, database and topics, or unset these settings."
    )


class StartError(GranaryError):
    """The instance could not be started."""

    code = "start_failed"
    next_step = "The lines above are the end of the part's log."


def bring_up(data: Path, wishes: Wishes, *, detach: bool, as_json: bool, fresh: bool) -> int:
    """Start what is not running, show progress on stderr, print the instance when all is ready.

    Without `detach` stays until Ctrl-C or SIGTERM and then stops the instance. On an instance that
    runs already the catalogue folders are put into force. Exit code: 0 good, 130 interrupted.

    Raises:
        GranaryError: a tool is missing, a folder is not Granary's, a catalogue folder is missing or
            faulty, the start failed, or a running instance would have to be started anew.
    """
    console = Console(stderr=True)
    for directory in wishes.catalogs:
        if not directory.is_dir():
            raise StartError(f"{directory} is no folder.")
    if fresh:
        _require_own_stores(data)
        if is_running(data):
            bring_down(data)
        erase(data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    started = None
    if is_running(data):
        console.print(f"already running on {data}")
    else:
        started = _start_supervisor(data, _whole(data, wishes, console), console, detach=detach)
    try:
        found = _wait_until_ready(data, started, console)
        if started is not None and started.poll() == supervisor.EXIT_ALREADY_RUNNING:
            started = None  # another `up` was quicker
        if started is None:
            _require_same(found, wishes)
            found = _add_cities(data, wishes.catalogs, console) or found
    except KeyboardInterrupt:
        if started is None or started.poll() == supervisor.EXIT_ALREADY_RUNNING:
            return 130
        console.print("stopping …")
        bring_down(data)
        return 130
    _show(found, console, as_json=as_json)
    if detach or started is None:
        return 0
    return _stay(data, started, console)


def _whole(data: Path, wishes: Wishes, console: Console) -> Wishes:
    """The wishes with the demonstration's own cities, where it was asked for without others."""
    from granary.demo.simulated import write_city

    if not wishes.demo or wishes.catalogs:
        return wishes
    with console.status("writing a simulated city …"):
        simulated = write_city(data)
    real = tuple(_REPOSITORY / "catalog" / city for city in ("retail", "lishui"))
    return replace(wishes, catalogs=(*real, simulated))


def _require_own_stores(data: Path) -> None:
    """
    Raises:
        NotFreshError: something of the instance would outlive its data folder.
    """
    settings = read_settings(data=data)
    others = {
        "GRANARY_KAFKA": settings.kafka,
        "GRANARY_CLICKHOUSE": settings.clickhouse.get_secret_value(),
        "GRANARY_CONTROL": settings.control.get_secret_value(),
    }
    named = [name for name, value in others.items() if value]
    if named:
        raise NotFreshError(
            f"--fresh erases {data} alone, and what {' and '.join(named)} keeps would not fit it."
        )


def _require_same(found: dict[str, Any], wishes: Wishes) -> None:
    """
    Raises:
        NotWhileRunningError: the running instance has other parts than are wished for.
    """
    workers = sum(name.startswith("worker-") for name in found["parts"])
    if wishes.workers not in (None, workers):
        raise NotWhileRunningError(
            f"the instance runs with --workers {workers}; {wishes.workers} would be a new start."
        )
    if wishes.demo and "demo" not in found["steps"]:
        raise NotWhileRunningError("the instance runs without the demonstration.")


def _add_cities(data: Path, directories: Sequence[Path], console: Console) -> dict[str, Any] | None:
    """Put catalogue folders into force on the running instance; its new up.json if there are any.

    Raises:
        GranaryError: a folder has faults, its catalogue cannot follow the one in force, or it does
            not come into force.
    """
    from granary.local.cities import install, read_city
    from granary.local.prepare import wait_until_applied

    if not directories:
        return None
    settings = instance_settings(data)
    folders = [read_city(directory) for directory in directories]
    for folder in folders:
        if warning := install(settings, folder):
            console.print(f"warning: {warning}", markup=False)
    wait_until_applied(settings)
    cities = {folder.catalogue.city.code for folder in folders}
    while not cities <= set((found := read_instance(data))["tokens"]):
        if not is_running(data):
            raise StartError("the instance ended meanwhile.")
        time.sleep(_POLL_S)
    return found


def _start_supervisor(
    data: Path, wishes: Wishes, console: Console, *, detach: bool
) -> "subprocess.Popen[bytes]":
    settings = read_settings(data=data)
    _need_tools(settings, console)
    with changing(data) as instance:
        plan = make_plan(settings, instance, wishes)
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "granary.local.supervisor"]
    if not detach:
        # A foreground instance ends with its terminal.
        command = [sys.executable, "-S", "-E", _WRAPPER, str(os.getpid()), *command]
    with (logs / "supervisor.log").open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    if process.stdin is None:
        raise StartError("the supervisor has no input.")
    with process.stdin as plan_input:
        plan_input.write(plan.to_json().encode())
    return process


def _need_tools(settings: Settings, console: Console) -> None:
    if settings.kafka:
        return
    require_tool("java")
    if not any((settings.cache / "kafka").glob("*")):
        console.print("fetching the Kafka broker (once, about 60 MB) …")
    kafka_jars(settings.cache)


def _wait_until_ready(
    data: Path, started: "subprocess.Popen[bytes] | None", console: Console
) -> dict[str, Any]:
    """Follow up.json until the instance is ready.

    Raises:
        StartError: the supervisor gave up or ended.
    """
    begun = time.monotonic()
    live = Live(console=console, refresh_per_second=8, transient=True)
    with live if console.is_terminal else nullcontext():
        while True:
            # The exit is looked at first: what it wrote last is then complete.
            ended = started.poll() if started is not None else _ended(data)
            found = _current(data, started)
            state = found.get("state") if found else None
            if found and state == "ready":
                return found
            if found and state == "failed":
                _wait_until_ended(data)
                _print_logs(data, found, console)
                raise StartError(found["failure"])
            if ended is not None:
                if ended == supervisor.EXIT_ALREADY_RUNNING:
                    started = None
                    continue
                _print_log(data, "supervisor", console)
                raise StartError("the supervisor ended.")
            if console.is_terminal and found:
                live.update(_progress(found, time.monotonic() - begun))
            time.sleep(_POLL_S)


def _wait_until_ended(data: Path) -> None:
    deadline = time.monotonic() + _DOWN_TIMEOUT_S
    while is_running(data) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def _ended(data: Path) -> int | None:
    return None if is_running(data) else 1


def _current(data: Path, started: "subprocess.Popen[bytes] | None") -> dict[str, Any] | None:
    """up.json, unless it is still that of an earlier supervisor."""
    try:
        found = read_instance(data)
    except NotRunningError:
        return None
    if started is not None and found["pids"]["supervisor"] != started.pid:
        return None
    return found


def _progress(found: dict[str, Any], seconds: float) -> Table:
    table = Table(title=f"starting, {seconds:.0f} s", title_justify="left", box=None)
    for name, part in found["parts"].items():
        word = "ready" if part["ready"] else "starting" if part["pid"] else "waiting"
        table.add_row(name, word, f"restarts {part['restarts']}" if part["restarts"] else "")
    for name, word in found["steps"].items():
        table.add_row(name, word, "")
    return table


def _print_logs(data: Path, found: dict[str, Any], console: Console) -> None:
    for name in [*found["parts"], *found["steps"]]:
        if found["failure"].startswith(f"{name} "):
            _print_log(data, name, console)


def _print_log(data: Path, name: str, console: Console) -> None:
    file = data / "logs" / f"{name}.log"
    if file.exists():
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        console.print(f"end of {file}:", highlight=False)
        for line in lines:
            console.print(f"  {line}", markup=False, highlight=False)


def _show(found: dict[str, Any], console: Console, *, as_json: bool) -> None:
    public = {name: value for name, value in found.items() if name not in _PRIVATE}
    for warning in found.get("warnings", ()):
        console.print(f"warning: {warning}", markup=False)
    if as_json:
        print(json.dumps(public, ensure_ascii=False), flush=True)
        return
    console.print(f"ready: page {public['console']}  gateway {public['gateway']}")
    console.print(f"data {public['data']}  cities {', '.join(public['tokens']) or 'none'}")


def _stay(data: Path, started: "subprocess.Popen[bytes]", console: Console) -> int:
    """Stay in the foreground until told to stop or the supervisor ends."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    console.print("Ctrl-C stops everything; the data stay.")
    try:
        return started.wait()
    except KeyboardInterrupt:
        console.print("stopping …")
        started.terminate()
        started.wait(_DOWN_TIMEOUT_S)
        return 0


def bring_down(data: Path) -> int:
    """Stop the instance and wait until everything has ended; 0 also if nothing was running.

    Raises:
        StartError: it does not end.
    """
    if not is_running(data):
        print(f"nothing is running on {data}", file=sys.stderr)
        return 0
    deadline = time.monotonic() + _DOWN_TIMEOUT_S
    asked = False
    while is_running(data):
        if not asked:
            try:
                os.kill(read_instance(data)["pids"]["supervisor"], signal.SIGTERM)
                asked = True
            except (NotRunningError, ProcessLookupError):
                pass  # it is about to write its file
        if time.monotonic() > deadline:
            raise StartError(f"the instance on {data} does not end.")
        time.sleep(_POLL_S)
    print(f"stopped {data}", file=sys.stderr)
    return 0
