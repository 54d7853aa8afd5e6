"""`granary`: the one command; its groups live in files of their own beside this one."""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Final

import typer
from pydantic import ValidationError

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
    "dashboards",
    "reports",
    "alerts",
    "demo",
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
    """Run the command; a typed error is one line and exit code 2, never a traceback."""
    try:
        make_app()()
    except GranaryError as error:
        print(error, file=sys.stderr)
        raise SystemExit(EXIT_USAGE) from None
    except (UnknownSettingError, ValidationError) as error:
        print(f"settings: {error}", file=sys.stderr)
        raise SystemExit(EXIT_USAGE) from None


if __name__ == "__main__":
    main()
