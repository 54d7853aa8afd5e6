"""The boards, by question: how does the city stand, who reports, what is wrong, does it flow."""

from dashboards.boards.alerts import ALERTS_BOARD
from dashboards.boards.city import CITY_BOARD
from dashboards.boards.pipeline import PIPELINE
from dashboards.boards.returns import RETURNS_BOARD

BOARDS = (CITY_BOARD, RETURNS_BOARD, ALERTS_BOARD, PIPELINE)

__all__ = ["ALERTS_BOARD", "BOARDS", "CITY_BOARD", "PIPELINE", "RETURNS_BOARD"]
