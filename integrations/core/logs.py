"""Log lines: JSON for machines, readable for people; each with the correlation id of the work at hand."""

import logging

import structlog
from structlog.typing import EventDict, WrappedLogger

from integrations.core.ids import current_correlation_id


def _add_correlation_id(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    if correlation_id := current_correlation_id():
        event["correlation_id"] = correlation_id
    return event


def formatter(style: str = "json") -> logging.Formatter:
    """Return the formatter of every handler; `style` is json or text."""
    renderer = structlog.dev.ConsoleRenderer(colors=False) if style == "text" else structlog.processors.JSONRenderer()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_correlation_id,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
