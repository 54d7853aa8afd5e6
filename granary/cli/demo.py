"""`granary demo`: feeds the demonstration's cities through the public gateway."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from granary.demo.script import Pace


def add_to(app: typer.Typer) -> None:
    app.command("demo")(demo)


_PACE = Pace()


def demo(
    data: Annotated[Path, typer.Option(help="Data folder of the instance.", metavar="DIR")],
    every: Annotated[float, typer.Option(help="Seconds between two live months.")] = _PACE.every,
    due: Annotated[
        float, typer.Option(help="Seconds from a month's release to its due instant.")
    ] = _PACE.due,
    history_to: Annotated[
        str, typer.Option(help="Last month of the history that is sent at once.")
    ] = "2014-M12",
    seed: Annotated[int, typer.Option(help="Who is late when.")] = _PACE.seed,
    fast: Annotated[bool, typer.Option("--fast", help="Do not wait between months.")] = False,
) -> None:
    """Push retail history and Lishui's table, then a month every few seconds until 2018-12.

    Where the instance has the simulated city, its files are pushed beside them. Goes on where it
    was when started again; ends by itself (0) after the last month.
    """
    import signal
    from concurrent.futures import ThreadPoolExecutor

    import httpx

    from granary.clock import SystemClock
    from granary.demo import simulated
    from granary.demo.errors import DemoRefusedError
    from granary.demo.feeder import Feeder, set_due
    from granary.demo.script import LAST_MONTH, Step, script
    from granary.demo.sender import Sender, Target
    from granary.demo.state import STATE_FILE, DemoState
    from granary.local.instance import instance_settings, read_instance
    from granary.logs import configure_logs
    from indicators.periods import parse_period

    last = parse_period(history_to)
    if not 0 < due < every or last > LAST_MONTH:
        typer.echo("--due must lie between 0 and --every, --history-to before 2019.", err=True)
        raise typer.Exit(2)
    settings = instance_settings(data)
    configure_logs(settings.log_level, "demo")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def target() -> Target:
        found = read_instance(data)
        return Target(found["gateway"], found["tokens"])

    waiter, pace = _EventWaiter(stop), Pace(every, due, seed, last)

    def play(steps: list[Step], state: str) -> None:
        with httpx.Client() as client:
            Feeder(
                steps,
                DemoState(data, state),
                Sender(client, target, waiter),
                lambda *asked: set_due(settings.control_url, *asked),
                SystemClock(),
                waiter,
                fast=fast,
            ).run()

    plays = [(script(pace), STATE_FILE)]
    if (data / simulated.FOLDER).is_dir():
        plays.append((simulated.steps(data / simulated.FOLDER, pace), simulated.STATE_FILE))
    # A city that is refused does not stop the other.
    with ThreadPoolExecutor(len(plays)) as pool:
        running = [pool.submit(play, *one) for one in plays]
    refused = [one.exception() for one in running if one.exception() is not None]
    for error in refused:
        if not isinstance(error, DemoRefusedError):
            raise error  # type: ignore[misc]
        typer.echo(str(error), err=True)
    if refused:
        raise typer.Exit(1)


class _EventWaiter:
    """Waits until a time is over or an event is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def wait(self, seconds: float) -> bool:
        return self._stop.wait(max(seconds, 0.0))
