"""What the supervisor is told to run: parts, their order and how each shows that it is ready."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """One process.

    `after`: parts that must be ready (or, if `once`, done) before this one's first start.
    `once`: runs to its end; exit code 0 means done, 2 gives up at once, anything else is retried.
    `optional`: its failure does not fail the start. `probe`: http://…/readyz, kafka://host:port or
    clickhouse://…; empty: alive is ready. `stop_rank`: lower ranks are stopped first.
    """

    name: str
    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    once: bool = False
    optional: bool = False
    probe: str = ""
    stop_rank: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A data folder's parts, and `face`: the fields of `up.json` that do not change meanwhile."""

    data: str
    face: dict[str, Any]
    parts: tuple[Part, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> "Plan":
        found = json.loads(text)
        parts = tuple(
            Part(**{**part, "command": tuple(part["command"]), "after": tuple(part["after"])})
            for part in found["parts"]
        )
        return cls(found["data"], found["face"], parts)
