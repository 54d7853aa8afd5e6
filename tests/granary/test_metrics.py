"""Metrics are declared once, under one prefix, and the docs say the same."""

import ast
from pathlib import Path

from granary import metrics

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "catalog",
    "granary",
    "indicators",
    "ingest",
    "reports",
    "storage",
    "stream",
    "supervision",
)


def test_the_docs_table_is_the_registry() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert text.endswith("\n\n" + metrics.table())


def test_every_metric_tells_its_kind_by_its_name() -> None:
    for metric in metrics.METRICS.values():
        assert metric.name.startswith(metrics.PREFIX)
        assert metric.name.endswith("_total") == (metric.kind is metrics.Kind.COUNTER)
        assert metric.meaning.endswith(".")


def test_no_other_file_makes_a_metric() -> None:
    makers = set()
    for room in (*ROOMS, "dashboards", "bench"):
        for file in (ROOT / room).rglob("*.py"):
            if "node_modules" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                imports = isinstance(node, ast.ImportFrom) and node.module == "prometheus_client"
                if imports and {a.name for a in node.names} & {"Counter", "Gauge", "Histogram"}:
                    makers.add(file.relative_to(ROOT).as_posix())
    assert makers == {"granary/metrics.py"}
