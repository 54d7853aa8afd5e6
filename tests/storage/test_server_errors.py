"""What each error of the server means: wait, refuse the rows, or call the operator."""

import pytest
from clickhouse_driver.errors import NetworkError, ServerException, UnexpectedPacketFromServerError

from storage.server_errors import Action, action_for


@pytest.mark.parametrize("code", [159, 202, 209, 210, 241, 242, 243, 252])
def test_a_busy_or_absent_store_is_waited_for(code: int) -> None:
    assert action_for(ServerException("busy", code)) is Action.RETRY


@pytest.mark.parametrize("code", [6, 72, 117, 321, 349, 469])
def test_a_fault_of_the_rows_rejects_them(code: int) -> None:
    assert action_for(ServerException("bad row", code)) is Action.REJECT


@pytest.mark.parametrize("code", [16, 53, 60, 81, 193, 497, 516])
def test_what_only_an_operator_can_mend_halts(code: int) -> None:
    assert action_for(ServerException("no table", code)) is Action.HALT


def test_a_code_nobody_has_listed_is_not_taken_for_a_busy_store() -> None:
    assert action_for(ServerException("new", 4711)) is Action.UNLISTED
    assert action_for(KeyError("a fault of the program")) is Action.UNLISTED


@pytest.mark.parametrize(
    "error",
    [
        NetworkError("refused"),
        UnexpectedPacketFromServerError("cut"),
        ConnectionResetError(),
        EOFError(),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_broken_connection_is_waited_for(error: Exception) -> None:
    assert action_for(error) is Action.RETRY
