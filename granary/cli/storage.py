"""`granary migrate` and `granary audit`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(migrate)
    app.command()(audit)


def migrate(
    status: Annotated[bool, typer.Option("--status", help="Show what is applied.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the statements that would run.")
    ] = False,
    down: Annotated[int, typer.Option(help="Take back the last N steps.")] = 0,
    data: Annotated[Path | None, typer.Option(help="Data folder of a running instance.")] = None,
) -> None:
    """Bring the ClickHouse schema to the present version."""
    from granary.local.instance import running_settings
    from storage import migrations
    from storage.clickhouse import connect

    url = running_settings(data).clickhouse.get_secret_value()
    if status or dry_run:
        done = migrations.applied(connect(url))
        for step in migrations.steps():
            if status:
                print(f"{step.name}  {'applied' if step.number in done else 'missing'}")
            elif step.number not in done:
                print(f"-- {step.name}\n{step.up}")
        return
    names = migrations.unmigrate(url, down) if down else migrations.migrate(url)
    print("\n".join(names) or "nothing to do")


def audit(
    data: Annotated[Path | None, typer.Option(help="Data folder of a running instance.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Prove from the tables that every accepted cell is accounted for; exit 1 if not.

    Judged as far as the ledger goes; a submission whose manifest is still to come is pending. The
    instance may be at work meanwhile.
    """
    from granary.local.instance import running_settings
    from storage.audit import audit as run

    found = run(running_settings(data).clickhouse.get_secret_value())
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        for difference in found.differences:
            print(
                f"{difference.check} {difference.city} {difference.submission}:"
                f" expected {difference.expected}, found {difference.found}"
            )
        print(
            f"{found.submissions} submissions, {found.pending} more pending,"
            f" {len(found.differences)} differences"
        )
    sys.exit(0 if found.ok else 1)
