"""The one way to speak HTTP to an address that someone may set: guarded, bounded in time and size, typed errors."""

import http.client
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol, TypedDict, Unpack, runtime_checkable
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3
from django.conf import settings
from requests.auth import AuthBase

from integrations.core import transport
from integrations.core.answers import described, error_for
from integrations.core.errors import (
    AddressRefused,
    AnswerTooLarge,
    Captured,
    OutboundOff,
    PermanentError,
    TransientError,
    Unsure,
)
from integrations.core.ids import current_correlation_id

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
MAX_ANSWER_BYTES = 5 * 1024 * 1024
MAX_HEADER_BYTES = 64 * 1024
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_CLIMBING = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)

Gate = Callable[[], AbstractContextManager[object]]
