"""Runs scripts that nobody trusts. It knows no table, and no language outside `languages.py`. See docs/sandbox.md."""

from integrations.scripts.sandbox.contract import (
    JSON,
    MOST_SOURCE,
    Ending,
    ErrorFacts,
    Finished,
    Host,
    HostError,
    Limits,
    Program,
    SandboxUnavailable,
    Stop,
    SyntaxProblem,
)
from integrations.scripts.sandbox.pool import Sandbox
from integrations.scripts.sandbox.sharing import shared

__all__ = [
    "JSON",
    "MOST_SOURCE",
    "Ending",
    "ErrorFacts",
    "Finished",
    "Host",
    "HostError",
    "Limits",
    "Program",
    "Sandbox",
    "SandboxUnavailable",
    "Stop",
    "SyntaxProblem",
    "shared",
]
