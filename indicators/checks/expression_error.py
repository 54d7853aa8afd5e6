"""Why a text is no expression of the language of checks, said in both languages."""

from indicators.errors import GranaryError


class ExpressionError(GranaryError):
    """A text is no condition of the language, or names what is not in the catalogue."""

    code = "check_expression"
    next_step = "Correct the expression; docs/catalog.md, checks.yaml, lists what may be written."

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english = english
        self.chinese = chinese
