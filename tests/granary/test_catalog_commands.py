"""`granary catalog` and `granary register` as people use them."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from granary.cli import catalog, register
from granary.settings import read_settings
from storage.control import cities, intents
from storage.control.schema import create, engine

CATALOGUES = Path(__file__).parents[2] / "catalog"
RUNNER = CliRunner()


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    catalog.add_to(made)
    register.add_to(made)
    return made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as a running instance has it, as far as these commands look."""
    folder = tmp_path / "data"
    folder.mkdir()
    url = read_settings(data=folder).control_url
    create(url)
    with engine(url).begin() as connection:
        cities.assign(connection, "growth_example")
    up = {"kafka": "localhost:1", "clickhouse_native": "clickhouse://localhost:1/", "control": url}
    (folder / "up.json").write_text(json.dumps(up), encoding="utf-8")
    return folder


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CATALOGUES / "growth-example", tmp_path / "city"))


def asked_for(data: Path) -> list[str]:
    with engine(read_settings(data=data).control_url).connect() as connection:
        return [intent.kind for intent in intents.pending(connection)]


def test_check_passes_the_example_folders(app: typer.Typer) -> None:
    folders = [str(CATALOGUES / name) for name in ("retail", "lishui", "growth-example")]
    result = RUNNER.invoke(app, ["catalog", "check", *folders])
    assert result.exit_code == 0
    assert result.output.count("good.") == 3


def test_check_lists_faults_of_yaml_and_register_and_ends_with_1(
    app: typer.Typer, city: Path
) -> None:
    units = city / "units.csv"
    units.write_text(units.read_text(encoding="utf-8") + "enterprise,A,重复,,,,,\n", "utf-8")
    result = RUNNER.invoke(app, ["catalog", "check", str(city)])
    assert result.exit_code == 1
    assert f"{city}/units.csv:7: code: unit enterprise:A is already on row 2" in result.output
    (city / "items.yaml").write_text("- id: one\n", encoding="utf-8")
    result = RUNNER.invoke(app, ["catalog", "check", "--json", str(city)])
    body = json.loads(result.output)
    assert (result.exit_code, body["ok"]) == (1, False)
    found = [(one["file"], one["line"], one["field"]) for one in body["folders"][str(city)]]
    assert ("items.yaml", 1, "0.id") in found


def test_catalogue_then_register_are_shown_confirmed_and_asked_for_once(
    app: typer.Typer, data: Path, city: Path
) -> None:
    for command, shown in (
        (["catalog", "load"], "+ items turnover"),
        (["register", "load"], "新增 added 5"),
    ):
        arguments = [*command, str(city), "--data", str(data)]
        refused = RUNNER.invoke(app, arguments, input="n\n")
        assert (refused.exit_code, shown in refused.output) == (1, True)
        done = RUNNER.invoke(app, arguments, input="y\n")
        assert done.exit_code == 0, done.output
        again = RUNNER.invoke(app, [*arguments, "--yes"])
        assert (again.exit_code, "nothing to do" in again.output) == (0, True)
    assert asked_for(data) == ["control", "register"]


def test_a_wrong_path_never_drops_the_register(
    app: typer.Typer, data: Path, tmp_path: Path
) -> None:
    result = RUNNER.invoke(app, ["register", "load", str(tmp_path), "--data", str(data), "--yes"])
    assert result.exit_code == 2
    assert asked_for(data) == []


def test_a_city_that_was_never_started_is_told(app: typer.Typer, data: Path) -> None:
    folder = str(CATALOGUES / "lishui")
    result = RUNNER.invoke(app, ["catalog", "load", folder, "--data", str(data), "--yes"])
    assert result.exit_code == 1
    assert "lishui" in result.output


def test_schema_prints_one_file_or_says_which_there_are(app: typer.Typer) -> None:
    result = RUNNER.invoke(app, ["catalog", "schema", "items"])
    assert json.loads(result.output)["title"] == "items.yaml"
    assert RUNNER.invoke(app, ["catalog", "schema", "thing"]).exit_code == 2


def test_diff_tells_fields_and_counts_the_register_and_ends_with_1(
    app: typer.Typer, city: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(city, tmp_path / "other"))
    same = RUNNER.invoke(app, ["catalog", "diff", str(city), str(other)])
    assert (same.exit_code, same.output) == (0, "Nothing changes.\n")
    items = other / "items.yaml"
    items.write_text(items.read_text("utf-8").replace("营业收入", "主营业务收入"), "utf-8")
    units = other / "units.csv"
    lines = units.read_text("utf-8").splitlines()
    units.write_text("\n".join([*lines, lines[1].replace(",A,", ",Z,", 1)]) + "\n", "utf-8")
    told = RUNNER.invoke(app, ["catalog", "diff", str(city), str(other), "--json"])
    body = json.loads(told.output)
    assert (told.exit_code, body["same"], body["register"]["units_added"]) == (1, False, 1)
    changes = [one["changes"] for one in body["catalogue"] if one["part"] == "items"]
    assert changes and all(change["path"] == "name.zh" for one in changes for change in one)
    text = RUNNER.invoke(app, ["catalog", "diff", f"{city}@2025", f"{other}@2026"])
    assert text.exit_code == 1
    assert "1 units added" in text.output and " → 主营业务收入" in text.output


def test_diff_of_a_folder_that_cannot_be_read_ends_with_2(app: typer.Typer, city: Path) -> None:
    assert RUNNER.invoke(app, ["catalog", "diff", str(city), "no-such-folder"]).exit_code == 2
