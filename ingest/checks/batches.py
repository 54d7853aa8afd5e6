"""What the readers hand to the judge: stretches of rows, still text, with where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


class UnreadableFileError(ValueError):
    """Nothing of the file can be taken; `rule` and `facts` are those of a finding."""

    def __init__(self, rule: str, **facts: object) -> None:
        super().__init__(rule)
        self.rule = rule
        self.facts = facts


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Cells of the batch's rows: of one item (wide), or of an item a row (long).

    `label` is what findings call the column; `values` a pyarrow string array (rows,) without nulls.
    """

    label: str
    items: Any  # pyarrow string array (rows,), or the one item's text
    values: Any


@dataclass(frozen=True, slots=True, eq=False)
class BadRow:
    """A row that is no row of the table; `cells` it would have declared."""

    row: int
    rule: str
    cells: int
    facts: dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """`rows` (rows,) numbers in the file from 1; `units`, `periods` pyarrow strings (rows,).

    `periods` is None where the file has no such column.
    """

    rows: NDArray[np.int64]
    units: Any
    periods: Any
    columns: Sequence[Column]
    bad_rows: Sequence[BadRow] = ()
    ignored_columns: Sequence[str] = ()


def strings(texts: Sequence[str]) -> Any:
    """A pyarrow string array; what Unicode cannot write (a lone surrogate) is replaced."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return pa.array([text.encode(errors="replace").decode() for text in texts], pa.string())
