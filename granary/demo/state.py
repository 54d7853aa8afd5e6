"""How far a demonstration got: a file of the data folder, replaced after every step."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from granary.demo.errors import DemoStateError
from granary.local.instance import write_private

STATE_FILE: Final = "demo.json"


class DemoState:
    """Keys of the steps that are done, with the submission each led to ('' where to none).

    A crash after a step and before `mark` repeats the step, which its idempotency key makes
    harmless.
    """

    def __init__(self, data: Path, name: str = STATE_FILE) -> None:
        self._path = data / name
        self._done = self._read()

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_bytes())
            return {str(key): str(submission) for key, submission in found["done"].items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DemoStateError(f"{self._path}: {error}.") from error

    def left(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that are not done."""
        return set(keys) - self._done.keys()

    def submission(self, key: str) -> str:
        """The submission that the step led to; '' where it led to none or is not done."""
        return self._done.get(key, "")

    def mark(self, key: str, submission: str = "") -> None:
        """Note that the step is done; durable against a kill of this process."""
        self._done[key] = submission
        write_private(self._path, json.dumps({"done": self._done}, indent=0))
