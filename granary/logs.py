"""Structured logs: one JSON object a line on stderr, the same fields in every part."""

import logging
import sys
from typing import Any

import structlog


def configure_logs(level: str, part: str) -> None:
    """Send structlog and the standard library's loggers to stderr as JSON lines.

    Every line has `at` (UTC, ISO 8601), `level`, `part`, `event`. `level` is a name of the logging
    module; an unknown one means INFO. May be called again; the last call holds.
    """
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)

    def name_part(_logger: Any, _method: str, event: Any) -> Any:
        event["part"] = part
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        name_part,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    # Libraries tell their routine at INFO; what they have to say begins at WARNING.
    for chatty in ("kafka", "aiokafka", "httpx", "httpcore", "uvicorn.access", "faust", "mode"):
        logging.getLogger(chatty).setLevel(max(threshold, logging.WARNING))
