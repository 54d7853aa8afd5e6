"""Of several standings the highest that has a value is shown, by the console and by the page."""

from typing import Any

from dashboards.console.figures import by_standing


def row(standing: str, value: float | None) -> dict[str, Any]:
    return {"standing": standing, "value": value}


def test_the_highest_standing_is_shown_whatever_the_order_of_the_rows() -> None:
    rows = [row("公布数", 3.0), row("监测数", 1.0), row("核定数", 2.0)]
    assert [one["standing"] for one in by_standing(rows)] == ["监测数", "核定数", "公布数"]


def test_a_standing_without_a_value_hides_none_that_has_one() -> None:
    rows = [row("监测数", 1.0), row("公布数", None)]
    assert by_standing(rows)[-1] == row("监测数", 1.0)


def test_without_any_value_the_highest_standing_says_why() -> None:
    assert by_standing([row("公布数", None), row("监测数", None)])[-1] == row("公布数", None)
