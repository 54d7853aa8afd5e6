"""`granary`: the one command; its groups live in files of their own beside this one.

Exit codes: 0 good, 1 a finding, 2 it could not be done, whatever the reason: who counts findings by
the exit code never takes a store that is away for one.
"""

import logging
import sys
import traceback
from importlib import import_module
from importlib.util import find_spec
from typing import Final

import typer
from pydantic import ValidationError

from granary.logs import configure_logs
from granary.settings import UnknownSettingError
from indicators.errors import GranaryError

#: Modules of this package with `add_to(app)`. Each imports what is heavy inside its functions.
GROUPS: Final = (
    "local",
    "parts",
    "push",
    "storage",
    "proofs",
    "catalog",
    "register",
    "locks",
    "dashboards",
    "reports",
    "revisions",
    "policies",
    "screen",
    "frame",
    "checks",
    "unmatched",
    "alerts",
    "demo",
    "simulate",
    "bench",
)

EXIT_USAGE: Final = 2


def make_app() -> typer.Typer:
    """The whole command."""
    app = typer.Typer(
        name="granary",
        help="颗粒归仓: streaming statistics monitoring for a city's functional zones.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for group in GROUPS:
        name = f"granary.cli.{group}"
        if find_spec(name) is not None:
            import_module(name).add_to(app)
    return app


def main() -> None:
    """Run the command. What a person can mend is one line; a traceback is a fault of ours."""
    # On stderr, where no reader of --json finds it; a part sets up its own logs.
    configure_logs("WARNING", "granary")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it tells before it raises
    try:
        make_app()()
    except GranaryError as error:
        print(error, file=sys.stderr)
    except (UnknownSettingError, ValidationError) as error:
        print(f"settings: {error}", file=sys.stderr)
    except Exception as error:
        line = _away(error)
        if line:
            print(line, file=sys.stderr)
        else:
            traceback.print_exc()
    else:
        return
    raise SystemExit(EXIT_USAGE)


def _away(error: Exception) -> str:
    """One line about a store, a broker or a file that does not serve us; empty for the rest."""
    from clickhouse_driver.errors import Error as DriverError
    from clickhouse_driver.errors import ServerException
    from kafka.errors import KafkaError
    from sqlalchemy.exc import SQLAlchemyError

    lines = str(error).strip().splitlines()
    said = (lines[0] if lines else repr(error))[:300]
    ask = "See `granary status`, and the logs in the data folder."
    if isinstance(error, ServerException):
        return f"store_refused: ClickHouse refuses: {said} {ask}"
    if isinstance(error, DriverError | EOFError):
        return f"store_away: ClickHouse does not answer: {said} {ask}"
    if isinstance(error, KafkaError):
        return f"log_away: Kafka does not answer: {said} {ask}"
    if isinstance(error, SQLAlchemyError):
        return f"control_store: the control store does not answer: {said} {ask}"
    return f"system: {said}" if isinstance(error, OSError) else ""


if __name__ == "__main__":
    main()
