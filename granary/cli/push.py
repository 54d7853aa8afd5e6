"""`granary push` sends files through the public gateway; `granary token` says who may."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from ingest.client import Answer

Data = Annotated[Path | None, typer.Option(help="Data folder of an instance on this machine.")]
#: Findings shown; the receipt has up to a thousand.
_SHOWN: Final = 30
_SPOOL: Final = Path.home() / ".local" / "state" / "granary" / "push"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(push)
    group = typer.Typer(help="Tokens of systems that push or read.", no_args_is_help=True)
    group.command("issue")(issue)
    group.command("revoke")(revoke)
    group.command("list")(list_tokens)
    app.add_typer(group, name="token")


def push(
    files: Annotated[
        list[Path], typer.Argument(help="CSV or NDJSON files.", exists=True, dir_okay=False)
    ],
    table: Annotated[
        str, typer.Option(help="Code of the table (报表) they fill in, or of a register table.")
    ],
    period: Annotated[str, typer.Option(help="Period, where the files have none.")] = "",
    gateway: Annotated[str, typer.Option(help="URL of the gateway.")] = "",
    token: Annotated[str, typer.Option(help="The reporter's token, or @FILE that holds it.")] = "",
    data: Data = None,
    city: Annotated[str, typer.Option(help="With --data: whose reporter.")] = "",
    reporter: Annotated[str, typer.Option(help="With --data: whose token.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a push of the same file that broke off.")
    ] = False,
    spool: Annotated[Path, typer.Option(help="Where keys of unfinished pushes are kept.")] = _SPOOL,
    patience: Annotated[float, typer.Option(help="Seconds to go on trying.")] = 120.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print each answer as JSON.")] = False,
) -> None:
    """Push files; exit 0 if every cell (of a register file, row) was taken, else 1."""
    from ingest.client import GatewayUnreachableError, Keys, Order
    from ingest.client import push as send

    gateway, token = _where(gateway, token, data, city, reporter)
    order = Order(gateway, token, table, period, dry_run)
    clean = True
    for file in files:
        with _Bar(file, quiet=as_json) as bar:
            try:
                answer = send(
                    file,
                    order,
                    Keys(spool),
                    resume=resume,
                    patience_s=patience,
                    progress=bar.advance,
                )
            except GatewayUnreachableError as error:
                typer.echo(
                    f"{file.name}:未能送达,网关{gateway}没有应答({error.facts['reason']})。"
                    "稍后用同样的命令加上--resume续报,不会重复入库。",
                    err=True,
                )
                typer.echo(str(error), err=True)
                raise typer.Exit(1) from None
        clean &= answer.clean
        if as_json:
            print(json.dumps({"file": str(file), **answer.body}, ensure_ascii=False))
        else:
            _show(file, answer)
    raise typer.Exit(0 if clean else 1)


def _where(
    gateway: str, token: str, data: Path | None, city: str, reporter: str
) -> tuple[str, str]:
    """URL and token: as given, else from a running instance's up.json."""
    if token.startswith("@"):  # a token in the arguments can be read by every user of the machine
        token = Path(token[1:]).read_text(encoding="utf-8").strip()
    if gateway and not gateway.startswith(("http://", "https://")):
        raise typer.BadParameter(f"--gateway begins with http:// or https://, not {gateway!r}")
    if not (token.isascii() and token.isprintable()):
        raise typer.BadParameter("the token is none: it has letters, digits, '-' and '_' only")
    if gateway and token:
        return gateway, token
    from granary.local.instance import read_instance
    from granary.settings import read_settings

    found = read_instance(data or read_settings().data)
    tokens: dict[str, dict[str, str]] = found["tokens"]
    if not token:
        holders = [
            held
            for code, of_city in tokens.items()
            if city in ("", code)
            for name, held in of_city.items()
            if name == reporter
        ]
        if len(holders) != 1:
            raise typer.BadParameter("give --token, or --data with --reporter (and --city)")
        token = holders[0]
    return gateway or str(found["gateway"]), token


class _Bar:
    """Bytes sent, on a terminal's stderr; nothing elsewhere."""

    def __init__(self, file: Path, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            console=console,
            disable=quiet or not console.is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task(file.name, total=file.stat().st_size or None)

    def advance(self, sent: int, size: int) -> None:
        text = "已送达,等待回执" if sent >= size else "上传"
        self._progress.update(self._task, completed=sent, total=size, description=text)

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _show(file: Path, answer: "Answer") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    body = answer.body
    message: dict[str, str] = body.get("message") or {}
    if "declared" not in body:
        said = message.get("zh") or body.get("title", "")
        console.print(f"[red]{escape(file.name)}:{escape(said)}[/red]", highlight=False)
        if message.get("en"):
            console.print(escape(message["en"]), style="dim", highlight=False)
        return
    taken = answer.status in (200, 202)
    state = _state(taken, bool(body["rejected"]), bool(body.get("dry_run")))
    if body.get("repeated"):
        state += "(与当前有效报送内容相同)"
    combined = f",另有{body['combined']}个按单位合并汇总" if body.get("combined") else ""
    console.print(
        f"[{'green' if taken else 'red'}]{escape(file.name)}:{state}[/]"
        f"  回执 {body.get('submission') or '—'}\n"
        f"申报 {body['declared']}  接收 {body['accepted']}  退回 {body['rejected']}"
        f"({'行' if 'holds' in body else '单元格'}){combined}",
        highlight=False,
    )
    if changes := body.get("changes"):
        from granary.cli.register_told import changes_told

        for line in changes_told(changes):
            console.print(escape(line), highlight=False)
    findings: list[dict[str, Any]] = body.get("findings") or []
    if not findings:
        return
    table = Table("行", "列", "规则", "说明", box=None, pad_edge=False)
    for found in findings[:_SHOWN]:
        row, column = found["row"] or "—", found["column"] or "—"
        table.add_row(str(row), escape(column), found["rule"], escape(found["message"]["zh"]))
    console.print(table)
    left = len(findings) - _SHOWN + int(body.get("findings_not_listed") or 0)
    if left > 0:
        console.print(f"……另有{left}条;用 --json 查看。", highlight=False)


def _state(taken: bool, partly: bool, dry_run: bool) -> str:
    if dry_run:
        return "试算:不可接收" if not taken else "试算:部分可接收" if partly else "试算:可接收"
    return "未接收" if not taken else "部分接收" if partly else "已接收"


def issue(
    reporter: Annotated[str, typer.Option(help="Reporter's code; `city` reads all.")],
    city: Annotated[str, typer.Option(help="City's code.")],
    data: Data = None,
) -> None:
    """Make a token and print it, once."""
    from granary.clock import SystemClock
    from storage.control import cities, intents, tokens
    from storage.control.schema import engine

    with engine(_control(data)).begin() as connection:
        found = cities.get(connection, city)
        loaded = intents.latest_catalogue(connection, found.id) or {}
        known = {entry["code"] for entry in loaded.get("reporters", [])} | {tokens.READER}
        if reporter not in known:
            raise typer.BadParameter(f"no reporter {reporter!r}; there are {sorted(known)}")
        secret = tokens.issue(connection, found.id, reporter, SystemClock().now_ms())
    print(secret)


def revoke(
    token_id: Annotated[int, typer.Argument(help="Number shown by `granary token list`.")],
    data: Data = None,
) -> None:
    """Make a token worthless from now on."""
    from granary.clock import SystemClock
    from storage.control import tokens
    from storage.control.schema import engine

    with engine(_control(data)).begin() as connection:
        if not tokens.revoke(connection, token_id, SystemClock().now_ms()):
            raise typer.BadParameter(f"no valid token {token_id}")


def list_tokens(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Every token ever issued, without its secret."""
    from granary.clock import utc
    from storage.control import cities, schema, tokens

    with schema.reading(_control(data)) as connection:
        codes = {city.id: city.code for city in cities.every(connection)}
        found = [
            {
                "id": token.id,
                "city": codes[token.city],
                "reporter": token.reporter,
                "created": utc(token.created_ms).isoformat(timespec="seconds"),
                "revoked": token.revoked_ms and utc(token.revoked_ms).isoformat(timespec="seconds"),
            }
            for token in tokens.issued(connection)
        ]
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for token in found:
        state = f"revoked {token['revoked']}" if token["revoked"] else "valid"
        print(f"{token['id']}\t{token['city']}\t{token['reporter']}\t{token['created']}\t{state}")


def _control(data: Path | None) -> str:
    """URL of the control store of the settings, or of the data folder."""
    from granary.settings import read_settings
    from storage.control.schema import create

    settings = read_settings() if data is None else read_settings(data=data)
    create(settings.control_url)
    return settings.control_url
