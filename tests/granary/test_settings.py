"""Settings are read once, strictly, and can tell whence they are."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from granary.settings import UnknownSettingError, explained, read_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_misspelt_variable_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANARY_GATEWAY_PROT", "8080")
    with pytest.raises(UnknownSettingError, match="GRANARY_GATEWAY_PROT"):
        read_settings()


def test_a_misspelt_name_in_the_file_refuses_to_start(empty_folder: Path) -> None:
    (empty_folder / "granary.toml").write_text('kafak = "somewhere:9092"\n')
    with pytest.raises(ValidationError, match="kafak"):
        read_settings()


def test_a_value_of_the_wrong_kind_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANARY_GATEWAY_PORT", "many")
    with pytest.raises(ValidationError, match="gateway_port"):
        read_settings()


def test_the_environment_wins_over_the_file_and_both_over_the_default(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "granary.toml").write_text("gateway_port = 1\nconsole_port = 2\n")
    monkeypatch.setenv("GRANARY_GATEWAY_PORT", "3")
    rows = {row["name"]: (row["value"], row["whence"]) for row in explained()}
    assert rows["gateway_port"] == ("3", "GRANARY_GATEWAY_PORT")
    assert rows["console_port"] == ("2", "granary.toml")
    assert rows["kafka_port"] == ("0", "default")


def test_secrets_print_as_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANARY_DASHBOARD_PASSWORD", "open-sesame")
    assert "open-sesame" not in str(explained()) + repr(read_settings())


def test_fail_points_are_no_settings_but_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANARY_FAILPOINTS", "worker.drained")
    monkeypatch.setenv("GRANARY_FAILPOINT_LOG", "passed.log")
    assert read_settings().log_level == "INFO"
