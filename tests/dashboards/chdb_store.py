"""The console's `Store` over the engine in this process, holding tables shaped as the views."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from types import SimpleNamespace
import threading

import pyarrow as pa
from chdb import session
from clickhouse_driver.util.escape import escape_params

_ARROW = (
    " SETTINGS output_format_arrow_string_as_string=1,"
    " output_format_arrow_low_cardinality_as_dictionary=0,"
    " output_format_arrow_date_as_uint16=0"
)
_CONTEXT = SimpleNamespace(server_info=SimpleNamespace(get_timezone=lambda: "UTC"))

#: The public views' columns, as tables; what the page reads is what the design promises.
TABLES = {
    "v_indicator": """city String, level String, subject String, by_level String, by_subject String,
        indicator String, period String, period_end Date, measure String, scope String,
        value Nullable(Float64), numerator Nullable(Decimal(38, 10)),
        denominator Nullable(Decimal(38, 10)), units UInt32, expected_units UInt32, reason String,
        provisional UInt8, standing String, known_from DateTime64(3, 'UTC'),
        catalogue_version UInt32""",
    "v_subject": "city String, level String, code String, name String",
    "v_indicator_card": """city String, id UInt32, indicator String, name_zh String, name_en String,
        unit String, decimals UInt8, dimension String, role String, direction String,
        table_code String, yellow Nullable(Float64), red Nullable(Float64), lines_measure String,
        consequence_zh String, numerator String, denominator String, note String,
        attributes String""",
    "v_completeness": """city String, level String, subject String, table_code String,
        period String, period_end Date, expected UInt32, received UInt32, on_time UInt32,
        late UInt32, missing UInt32, exempt UInt32, extended UInt32,
        due_at Nullable(DateTime64(3, 'UTC'))""",
    "v_ledger": """city String, submission String, reporter String, table_code String,
        period String, declared UInt64, accepted UInt64, rejected UInt64, stored Int64,
        superseded UInt64, quarantined UInt64, dead UInt64, pending Int64, settled UInt8,
        arrived_at DateTime64(3, 'UTC')""",
    "v_alert": """city String, id String, kind String, level String, subject_level String,
        subject String, indicator String, period String, state String,
        opened_at DateTime64(3, 'UTC'), closed_at Nullable(DateTime64(3, 'UTC')),
        evidence String""",
    "v_anomaly": """city String, table_code String, item String, period String, period_end Date,
        unit String, kind String, score Float64, value Decimal(18, 4), median Decimal(18, 4),
        proposed Decimal(18, 4), evidence String, state String, known_from DateTime64(3, 'UTC')""",
    "v_observation": """city String, source String, unit String, item String, period String,
        period_end Date, value Nullable(Decimal(18, 4)), status String, submission String,
        arrived_at DateTime64(3, 'UTC'), known_from DateTime64(3, 'UTC')""",
    "register_event": """city UInt16, version UInt64, ordinal UInt32, action String, kind String,
        code String, unit UInt64, name String, grouping String, member String, valid_from String,
        valid_to String, attributes String""",
    "dimension": "city UInt16, class String, id UInt64, level String, code String",
}


class ChdbStore:
    """Answers as `DriverStore` does, with the driver's own quoting of parameters."""

    def __init__(self, path: Path) -> None:
        self._session = session.Session(str(path))
        self._lock = threading.Lock()
        self._session.query("CREATE DATABASE IF NOT EXISTS granary")
        for name, columns in TABLES.items():
            self._session.query(
                f"CREATE TABLE granary.{name} ({columns}) ENGINE = MergeTree ORDER BY city"
            )

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        text = sql % escape_params(dict(parameters), _CONTEXT) if parameters else sql
        with self._lock:
            self._session.query("USE granary")
            answer = self._session.query(text + _ARROW, "Arrow")
        with pa.ipc.open_file(answer.bytes()) as reader:
            rows: list[dict[str, Any]] = reader.read_all().to_pylist()
        return rows

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append rows; a column left out has its type's default."""
        for start in range(0, len(rows), 2_000):
            part = rows[start : start + 2_000]
            names = list(part[0])
            values = ",".join(
                "(" + ",".join(_quoted(row[name]) for name in names) + ")" for row in part
            )
            with self._lock:
                self._session.query(
                    f"INSERT INTO granary.{table} ({','.join(names)}) VALUES {values}"
                )

    def close(self) -> None:
        self._session.close()


def _quoted(value: Any) -> str:
    return str(escape_params({"value": value}, _CONTEXT)["value"])
