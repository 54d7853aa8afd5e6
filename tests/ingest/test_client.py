"""The sender's side: one key from the first byte to the answer."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from granary.cli.main import make_app
from ingest.client import Answer, GatewayUnreachableError, Keys, Order, push
from tests.ingest.conftest import Door

BODY = "unit,item,period,value\nA,turnover,2026-M01,1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "january.csv"
    path.write_text(BODY)
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


def order(door: Door, by: str = "north") -> Order:
    return Order("http://testserver", door.river.tokens[by], "monthly")


def gateway(*answers: httpx.Response | Exception) -> tuple[httpx.Client, list[httpx.Request]]:
    """A gateway that answers so, one after the other."""
    seen: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return httpx.Client(transport=httpx.MockTransport(answer)), seen


def test_a_file_gets_its_receipt_and_no_key_is_left(door: Door, file: Path, keys: Keys) -> None:
    sent: list[tuple[int, int]] = []
    answer = push(file, order(door), keys, client=door.client, progress=lambda *at: sent.append(at))
    assert answer.clean
    assert answer.body["accepted"] == 1
    assert sent[-1] == (len(BODY), len(BODY))
    assert keys.resume(file, order(door)) is None


def test_a_second_push_of_a_file_is_one_of_its_own(door: Door, file: Path, keys: Keys) -> None:
    first = push(file, order(door), keys, client=door.client)
    again = push(file, order(door), keys, client=door.client)
    assert again.body == first.body | {"repeated": True}


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: httpx.ConnectError("refused"),
        lambda: httpx.ReadError("cut off"),
        lambda: httpx.Response(503, headers={"Retry-After": "3"}),
        lambda: httpx.Response(429),
        lambda: httpx.Response(500),
    ],
)
def test_what_breaks_off_is_tried_again_under_the_same_key(
    file: Path, keys: Keys, trouble: Callable[[], httpx.Response | Exception]
) -> None:
    receipt = {"rejected": 0, "declared": 1}
    client, seen = gateway(trouble(), trouble(), httpx.Response(202, json=receipt))
    pauses: list[float] = []
    answer = push(file, Order("http://g", "t", "m"), keys, client=client, pause=pauses.append)
    assert answer == Answer(202, receipt)
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 1
    assert [request.content.decode() for request in seen] == [BODY] * 3
    assert pauses[1] >= pauses[0] > 0


def test_patience_ends_and_the_key_is_kept_for_resuming(file: Path, keys: Keys) -> None:
    wanted = Order("http://g", "secret", "m")
    client, first = gateway(httpx.ConnectError("refused"))
    with pytest.raises(GatewayUnreachableError):
        push(file, wanted, keys, client=client, patience_s=0.0)
    client, second = gateway(httpx.Response(202, json={"rejected": 0}))
    push(file, wanted, keys, client=client, resume=True)
    assert first[0].headers["Idempotency-Key"] == second[0].headers["Idempotency-Key"]
    assert keys.resume(file, wanted) is None


def test_a_changed_file_or_another_order_is_not_resumed(file: Path, keys: Keys) -> None:
    wanted = Order("http://g", "secret", "m")
    key, note = keys.draw(file, wanted)
    assert keys.resume(file, wanted) == (key, note)
    assert "secret" not in note.read_text()
    assert keys.resume(file, Order("http://g", "secret", "m", "2026-M01")) is None
    file.write_text(BODY + "B,turnover,2026-M01,1\n")
    assert keys.resume(file, wanted) is None


def test_an_answer_that_is_no_json_is_still_an_answer(file: Path, keys: Keys) -> None:
    client, _ = gateway(httpx.Response(403, text="<html>"))
    answer = push(file, Order("http://g", "t", "m"), keys, client=client)
    assert (answer.status, answer.clean) == (403, False)


def test_a_fault_of_the_gateway_that_lasts_keeps_the_key(file: Path, keys: Keys) -> None:
    wanted = Order("http://g", "t", "m")
    client, seen = gateway(*[httpx.Response(500)] * 2)
    with pytest.raises(GatewayUnreachableError, match="HTTP 500"):
        push(file, wanted, keys, client=client, patience_s=1.0, pause=lambda _: None)
    kept = keys.resume(file, wanted)
    assert kept is not None
    assert kept[0] == seen[0].headers["Idempotency-Key"]


@pytest.mark.parametrize(
    ("body", "by", "code", "said"),
    [
        (BODY, "north", 0, "已接收"),
        (BODY + "Z,turnover,2026-M01,1\n", "north", 1, "部分接收"),
        (BODY + "Z,turnover,2026-M01,1\n", "north", 1, "名录中没有代码为“Z”的单位"),
        (BODY, "south", 1, "不属于南区统计局的填报范围"),
        (BODY, "city", 1, "无权填报《月报》"),
    ],
)
def test_the_command_says_in_chinese_what_became_of_a_file(
    door: Door,
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    by: str,
    code: int,
    said: str,
) -> None:
    file.write_text(body)
    monkeypatch.setattr(httpx, "Client", lambda **_: door.client)
    arguments = ["push", str(file), "--table", "monthly", "--spool", str(tmp_path / "keys")]
    arguments += ["--gateway", "http://testserver", "--token", door.river.tokens[by]]
    result = CliRunner().invoke(make_app(), arguments)
    assert result.exit_code == code
    assert said in result.output


def test_the_command_prints_json_and_knows_wrong_usage(
    door: Door, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpx, "Client", lambda **_: door.client)
    (tmp_path / "token").write_text(door.river.tokens["north"] + "\n")
    common = ["push", "--table", "monthly", "--spool", str(tmp_path / "keys"), "--dry-run"]
    common += ["--gateway", "http://testserver", "--token", f"@{tmp_path / 'token'}", "--json"]
    result = CliRunner().invoke(make_app(), [*common, str(file)])
    assert (result.exit_code, json.loads(result.output)["dry_run"]) == (0, True)
    assert CliRunner().invoke(make_app(), [*common, "nowhere.csv"]).exit_code == 2


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--gateway", "127.0.0.1:8080", "http://"),
        ("--token", "令牌", "token"),
        ("--token", "two\nlines", "token"),
    ],
)
def test_an_address_or_token_that_is_none_is_told_at_once(
    file: Path, tmp_path: Path, option: str, value: str, said: str
) -> None:
    given = {"--gateway": "http://127.0.0.1:9", "--token": "t", option: value}
    options = [part for pair in given.items() for part in pair]
    arguments = ["push", str(file), "--table", "m", "--spool", str(tmp_path / "keys"), *options]
    result = CliRunner().invoke(make_app(), arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "keys").exists()


def test_an_address_nobody_can_speak_to_is_not_tried_again(file: Path, keys: Keys) -> None:
    wanted = Order("ftp://g", "t", "m")
    with pytest.raises(httpx.UnsupportedProtocol):
        push(file, wanted, keys, pause=lambda _: pytest.fail("tried again"))
    assert keys.resume(file, wanted) is None


def test_a_gateway_that_does_not_answer_is_told_in_chinese_with_the_way_on(
    file: Path, tmp_path: Path
) -> None:
    arguments = ["push", str(file), "--table", "m", "--spool", str(tmp_path / "keys")]
    arguments += ["--gateway", "http://127.0.0.1:9", "--token", "t", "--patience", "0"]
    result = CliRunner().invoke(make_app(), arguments)
    assert result.exit_code == 1
    assert "未能送达" in result.output
    assert "--resume" in result.output


def test_tokens_are_issued_listed_and_revoked(door: Door) -> None:
    data = ["--data", str(door.river.settings.data)]
    run = CliRunner()
    issued = run.invoke(
        make_app(), ["token", "issue", "--city", "river", "--reporter", "north", *data]
    )
    door.river.tokens["new"] = issued.output.strip()
    assert door.push(BODY, by="new").status_code == 202
    found = json.loads(run.invoke(make_app(), ["token", "list", "--json", *data]).output)
    assert found[-1]["reporter"] == "north"
    assert run.invoke(make_app(), ["token", "revoke", str(found[-1]["id"]), *data]).exit_code == 0
    assert door.push(BODY, by="new").status_code == 401
    stranger = ["token", "issue", "--city", "river", "--reporter", "nobody", *data]
    assert run.invoke(make_app(), stranger).exit_code == 2
