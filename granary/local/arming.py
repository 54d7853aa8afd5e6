"""Variables for one start of a part (docs/faults.md): handed over until that start counts.

They stand in `DATA/failpoints/<part>.env`. A start counts once it has become ready, or has passed a
point it was told to die at; then the file goes, and the start after it is clean. A start that died
of something else before that is given them again, or the point could never be passed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_POINTS: Final = "GRANARY_FAILPOINTS"
_LOG: Final = "GRANARY_FAILPOINT_LOG"


@dataclass(frozen=True, slots=True)
class Arming:
    """What one start was given. `text` is the file's, so that a later one is not taken for it."""

    file: Path
    text: str
    variables: dict[str, str]

    @classmethod
    def waiting(cls, data: Path, part: str) -> Self | None:
        """What waits for the part's next start; None if nothing does.

        Where no log of passed points is named, one beside the file is begun anew.
        """
        file = data / "failpoints" / f"{part}.env"
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
        variables = {key.strip(): value.strip() for key, _, value in pairs}
        if _LOG not in variables:
            own = file.with_suffix(".passed")
            own.unlink(missing_ok=True)
            variables[_LOG] = str(own)
        return cls(file, text, variables)

    def passed(self) -> bool:
        """Whether one of the points is in the log of those that were passed."""
        points = {one.partition(":")[0] for one in self.variables.get(_POINTS, "").split(",")}
        try:
            told = Path(self.variables[_LOG]).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return not points.isdisjoint(told)

    def spend(self) -> None:
        """The start counts: the next one is not given this."""
        try:
            if self.file.read_text(encoding="utf-8") == self.text:
                self.file.unlink()
        except FileNotFoundError:
            pass
