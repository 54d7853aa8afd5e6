"""What can go wrong between the boards and a Grafana."""

from indicators.errors import GranaryError


class FaultyBoardError(GranaryError):
    """Grafana would take the board and show it broken, or freeze its provider."""

    code = "faulty_board"
    next_step = "Correct the board in dashboards/boards/; the faults are listed."


class GrafanaRefusedError(GranaryError):
    """Grafana answered a push with an error."""

    code = "grafana_refused"
    next_step = "Check the URL, and that the token is of an Admin service account."


class GrafanaUnreachableError(GranaryError):
    """No Grafana answers at the URL."""

    code = "grafana_unreachable"
    next_step = "Check the URL and that Grafana runs."
