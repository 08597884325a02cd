"""JavaScript: QuickJS, one fresh runtime for each script, and our prelude between the two.

Texts cross the binding as ASCII-safe JSON only: it cuts texts at NUL and fails on lone surrogates.
"""

import os
from _json import encode_basestring_ascii, scanstring  # the C part of json, without what it imports
from binascii import a2b_base64, b2a_base64
from importlib.machinery import ExtensionFileLoader, ModuleSpec

from .digest import sha256
from .wire import CALL, LOG, Wire

TYPE_CHECKING = False  # typing itself takes a third of the start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PRELUDE_LINE = 3_000
"""Lines from here on are ours in every stack: the engine gives one file name to all."""
STACK_BYTES = 512 * 1024
MOST_TEXT = 16 * 1024 * 1024
NOT_RUN = 'throw "not run";'
STRICTLY_NOT_RUN = '"use strict";' + NOT_RUN

OUT_OF_MEMORY = b'{"ending":"LIMIT","limit":"memory","note":"The script used more memory than it may."}'
RESULT_TOO_LARGE = b'{"ending":"LIMIT","limit":"result","note":"The result of the script is larger than it may be."}'
_REFUSED = '[false,{"kind":"HostRefused","message":%s,"permanent":true,"facts":{}}]'
_TOO_LARGE = _REFUSED % '"This text is larger than a script may hand over."'


class Engine:
    """One runtime, ready for the next script."""

    def __init__(self, extension: str, folder: str, wire: Wire) -> None:
        self._quickjs = _loaded(extension)
        self._wire = wire
        files = [name for name in os.listdir(folder) if name.endswith(".js")]
        self._texts = {name[:-3]: _compact(f"{folder}/{name}") for name in files}
        self._natives: dict[str, Callable[[str], str]] = {
            "call": self._call,
            "log": self._log,
            "section": lambda text: self._texts[text],
            "full": lambda _: "true" if self._context.memory()["malloc_size"] > 0.75 * self._memory else "false",
            "sha256": lambda text: sha256(a2b_base64(text)),
            "utf8": lambda text: b2a_base64(_unquoted(text), newline=False).decode("ascii"),
            "text": lambda text: encode_basestring_ascii(a2b_base64(text).decode("utf-8", "replace")),
        }
        self._memory = 0
        self._start: Any = None
        self._context: Any = None
        self.prepare()

    def prepare(self) -> None:
        """Throw the runtime of the last script away and make a fresh one."""
        self._start = self._context = None
        self._log_bytes_left = 0
        context = self._context = self._quickjs.Context()
        context.set_max_stack_size(STACK_BYTES)
        context.add_callable("host", self._native)
        self._start = context.eval(self._texts["prelude"])

    def run(
        self, source: str, given: str, *, memory: int, most: int, largest_call: int, logs: int, ask: bool = False
    ) -> bytes:
        """Run one script and return its end as JSON; `ask` its match(event) first."""
        self._log_bytes_left, self._largest_call = logs, largest_call
        self._context.set_memory_limit(memory)
        self._memory = memory
        try:
            finish = self._start(source, given, ask)
            ended = finish(self._drained())
        except self._quickjs.JSException:
            # The prelude catches all that it can: what is left is an engine that could not even make an error.
            return OUT_OF_MEMORY
        if not isinstance(ended, str):
            return OUT_OF_MEMORY
        return ended.encode() if len(ended) <= most else RESULT_TOO_LARGE

    def _drained(self) -> str | None:
        """Do the jobs until none is left; return what the first that failed said."""
        failure = None
        while True:
            try:
                if not self._context.execute_pending_job():
                    return failure
            except self._quickjs.JSException as error:
                failure = failure or str(error)

    def check(self, source: str, *, memory: int, strict: bool) -> bytes:
        """Compile a script without running it. Return as JSON what the engine says of its first problem, or null."""
        self._context.set_memory_limit(memory)
        try:
            self._context.eval((STRICTLY_NOT_RUN if strict else NOT_RUN) + source)
        except self._quickjs.JSException as error:
            if not str(error).startswith("not run\n"):
                return b'{"ending":"RETURNED","value":%s}' % encode_basestring_ascii(str(error)).encode()
        return b'{"ending":"RETURNED","value":null}'

    def _native(self, name: "Any" = None, text: "Any" = None) -> str:
        """Answer the prelude. It must not raise: the binding would leave the error pending."""
        if not isinstance(text, str):
            return _REFUSED % '"There is no memory left to hand this over."'
        if len(text) > MOST_TEXT:
            return _TOO_LARGE
        try:
            return self._natives[name](text)
        except Exception as error:
            return _REFUSED % encode_basestring_ascii(str(error))

    def _call(self, text: str) -> str:
        payload = text.encode()
        if len(payload) > self._largest_call:
            return _REFUSED % '"The arguments are larger than a script may hand over at once."'
        self._wire.send(CALL, payload)
        _, answer = self._wire.receive()
        return answer.decode()

    def _log(self, text: str) -> str:
        self._log_bytes_left -= len(text)
        if self._log_bytes_left > 0:
            self._wire.send(LOG, text.encode())
        return "null"


def _loaded(path: str) -> "Any":
    spec = ModuleSpec("_quickjs", loader := ExtensionFileLoader("_quickjs", path), origin=path)
    module = loader.create_module(spec)
    loader.exec_module(module)
    return module


def _compact(path: str) -> str:
    """Return one of our files as the engine compiles it, for each script anew: below all lines of scripts."""
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    return "\n" * (PRELUDE_LINE - 1) + "\n".join(line for line in lines if not line.startswith(("//", "/**")))


def _unquoted(text: str) -> bytes:
    value, _ = scanstring(text, 1)
    return value.encode("utf-8", "replace")
