"""What keeps a program from being compiled, in words and places that an editor shows."""

import re

from integrations.scripts.sandbox.contract import MOST_SOURCE, Ending, Finished, Program, SyntaxProblem
from integrations.scripts.sandbox.ends import PLACE
from integrations.scripts.sandbox.jailed.javascript import NOT_RUN, PRELUDE_LINE, STRICTLY_NOT_RUN
from integrations.scripts.sandbox.jailed.wire import CHECK_STRICTLY

MOST_LINES = PRELUDE_LINE - 10
_STRICT = re.compile(r"""(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*+(["'])use strict\1""")


def refused_unread(program: Program) -> SyntaxProblem | None:
    """Return why a source is not even given to the engine."""
    size = len(program.source.encode("utf-8", "replace"))
    if size > MOST_SOURCE:
        return SyntaxProblem(1, 1, f"The script has {size} bytes; it may have {MOST_SOURCE}.")
    if program.source.count("\n") >= MOST_LINES:
        return SyntaxProblem(MOST_LINES, 1, f"The script has more than {MOST_LINES} lines.")
    if (at := program.source.find("\0")) >= 0:
        line = program.source.count("\n", 0, at) + 1
        return SyntaxProblem(line, at - program.source.rfind("\n", 0, at), "The script holds a NUL character.")
    return None


def stands_strict(source: str) -> bool:
    """Whether the script begins with "use strict", which a statement before it would switch off."""
    return _STRICT.match(source) is not None


def problems_of(said: Finished, *, mode: int) -> list[SyntaxProblem]:
    if said.ending is not Ending.RETURNED:
        return [SyntaxProblem(1, 1, said.note)]
    if not isinstance(said.value, str):
        return []
    message, _, stack = said.value.partition("\n")
    place = PLACE.search(stack)
    line, column = (int(place[1]), int(place[2])) if place else (1, 1)
    before = len(STRICTLY_NOT_RUN if mode == CHECK_STRICTLY else NOT_RUN)
    if line == 1:
        column = max(1, column - before)
    return [SyntaxProblem(line, column, _in_words(message.removeprefix("SyntaxError: ")))]


def _in_words(message: str) -> str:
    return "unexpected end of the script" if message == "unexpected token in expression: ''" else message
