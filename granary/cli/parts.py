"""The single parts as commands, for production: `granary gateway|worker|supervision|console|
clickhouse`. The local runner starts them through `python -m granary.cli.parts PART`."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Final
from urllib.parse import unquote, urlsplit

import typer
from pydantic import ValidationError

from granary.logs import configure_logs
from granary.settings import Settings, UnknownSettingError, read_settings

#: Part → module whose `main(settings)` runs it until SIGTERM; the store's takes its own values.
PARTS: Final = {
    "clickhouse": "storage.embedded.server",
    "gateway": "ingest.gateway.app",
    "worker": "stream.app",
    "supervision": "supervision.app",
    "console": "dashboards.console.app",
}

_HELP: Final = {
    "clickhouse": "Serve the embedded ClickHouse engine on loopback.",
    "gateway": "Take submissions over HTTP, give receipts, write the log.",
    "worker": "Fold cities' logs into figures.",
    "supervision": "Watch lines and due times, record alerts, send notices.",
    "console": "Serve the live page and the read API.",
}


def is_there(part: str) -> bool:
    """Whether the part's module can be found."""
    try:
        return find_spec(PARTS[part]) is not None
    except ModuleNotFoundError:
        return False


def run_part(part: str) -> None:
    """Run a part with the environment's settings; exits 2 if they are wrong."""
    try:
        settings = read_settings()
    except (UnknownSettingError, ValidationError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    configure_logs(settings.log_level, part)
    if part == "clickhouse":
        _run_store(settings)
    else:
        import_module(PARTS[part]).main(settings)


def _run_store(settings: Settings) -> None:
    """The passwords are those of `GRANARY_CLICKHOUSE` (user granary) and the dashboard's."""
    from storage.embedded.server import main

    url = urlsplit(settings.clickhouse.get_secret_value())
    main(
        settings.data / "clickhouse",
        settings.host,
        settings.clickhouse_port or url.port or 0,
        unquote(url.password or ""),
        settings.dashboard_password.get_secret_value(),
        url.path.strip("/") or "granary",
    )


def add_to(app: typer.Typer) -> None:
    """Add a command for each part."""
    for part, text in _HELP.items():
        app.command(part, help=text)(_command(part))


def _command(part: str) -> Callable[[], None]:
    def command() -> None:
        run_part(part)

    return command


if __name__ == "__main__":
    run_part(sys.argv[1])
