"""`granary recompute --check` and `granary replay`: live figures against the store and the log."""

import json
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Data = Annotated[Path | None, typer.Option(help="Data folder of a running instance.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(recompute)
    app.command()(replay)


def recompute(
    data: Data = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with the figures that stand.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compute every figure again from the stored observations, as far as the ledger goes.

    With --check they are compared with the figures that stood there; exit 1 on any difference.
    Those of locked periods are compared with what stood when the period was locked. Without it
    they are only counted. The instance may be at work meanwhile.
    """
    from granary.local.instance import running_settings
    from storage.control import cities
    from storage.control.schema import reading
    from storage.fold_reads import FoldReads
    from storage.standing import Standing
    from stream.recompute import checked, recomputed
    from stream.recovery import recover

    settings = running_settings(data)
    url = settings.clickhouse.get_secret_value()
    reads, standing = FoldReads(url), Standing(url)
    with reading(settings.control_url) as connection:
        known = cities.every(connection)
    figures, locked, differences = 0, 0, []
    for city in known:
        fold = recover(reads, city.id, city.generation, settings.memory_cells)
        if check:
            result = checked(fold, standing)
            differences += result.differences
            figures += result.figures
            locked += result.locked
        else:
            figures += recomputed(fold).count("figure_history")
    if not check:
        print(json.dumps({"figures": figures}) if as_json else f"{figures} figures recomputed")
        return
    told: dict[str, Any] = {
        "ok": not differences,
        "figures": figures,
        "locked": locked,
        "differences": [one.as_json() for one in differences[:1000]],
    }
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for difference in told["differences"]:
            print(f"{difference['check']} {difference['city']} {difference['what']}")
            print(f"  recomputed {difference['expected']}\n  stored     {difference['found']}")
        held = f", {locked} of them locked and held to what stood then" if locked else ""
        print(f"{figures} figures recomputed{held}, {len(differences)} differences")
    sys.exit(1 if differences else 0)


def replay(
    data: Annotated[Path, typer.Option(help="Data folder of a stopped instance.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Empty the store of a stopped instance, so that `granary up` folds the log from offset 0.

    The log is the truth and stays; the control store (accounts, receipts, alerts) stays as well.
    """
    from granary.local.instance import is_running

    if is_running(data):
        print(f"{data} is running; stop it first: granary down --data {data}")
        sys.exit(2)
    folder = data / "clickhouse"
    if not folder.is_dir():
        print(f"{folder} is not there: {data} is no stopped instance with an embedded store")
        sys.exit(2)
    if not yes and not typer.confirm(f"Empty {folder}?"):
        sys.exit(2)
    shutil.rmtree(folder)
    print(f"emptied; start with: granary up --data {data}")
