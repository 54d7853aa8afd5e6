"""Typed errors of the demonstration."""

from indicators.errors import GranaryError


class DemoRefusedError(GranaryError):
    """The gateway refused what the demonstration sent; repeating it cannot help."""

    code = "demo_refused"
    next_step = (
        "Run the demonstration on an instance of its own: `granary up --demo --fresh --data DIR`."
    )


class DemoStateError(GranaryError):
    """The file that says how far the demonstration got is not one of this program's."""

    code = "demo_state"
    next_step = "Remove demo.json from the data folder; the demonstration then begins anew."
