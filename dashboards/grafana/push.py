"""Puts folder, data sources and boards into a running Grafana."""

from collections.abc import Sequence

from dashboards.boards import BOARDS
from dashboards.grafana.build import board_json, dated
from dashboards.grafana.check import check
from dashboards.grafana.client import Grafana
from dashboards.grafana.sources import FOLDER_TITLE, FOLDER_UID, Connections, data_sources
from dashboards.panels import Board


def push(
    grafana: Grafana,
    connections: Connections,
    boards: Sequence[Board] = BOARDS,
    *,
    since: str = "",
    message: str = "granary dashboards push",
) -> list[str]:
    """Paths of the boards. In this order, each step repeatable, so that a stopped push is resumed
    by another:

    1. check every board, before anything is changed;
    2. the folder;
    3. the data sources, without which a board would show errors;
    4. the boards.

    Raises:
        FaultyBoardError, GrafanaRefusedError, GrafanaUnreachableError
    """
    made = [dated(board_json(board), since) for board in boards]
    check(made)
    grafana.put_folder(FOLDER_UID, FOLDER_TITLE)
    for source in data_sources(connections, password=connections.password):
        grafana.put_data_source(source)
    return [grafana.put_board(one, FOLDER_UID, message) for one in made]
