"""The jailed process is not ours any more and sends what it likes. The parent takes no word of it."""

import time
from collections.abc import Iterator

import pytest

from integrations.scripts.sandbox import Ending, Finished, Limits, Program
from integrations.scripts.sandbox.conversation import Conversation
from integrations.scripts.sandbox.jailed.wire import GO
from integrations.scripts.sandbox.languages import language
from integrations.scripts.sandbox.process import Jailed, Misbehaved
from tests.scripts.sandbox.hosts import Scripted

FORGER = """
import sys
sys.path += sys.argv[1:3]
import os, struct
from jailed import main

def frame(kind, payload):
    os.write(1, kind + struct.pack('>I', len(payload)) + payload)

def forge(engine, payload):
{code}
    return b'{"ending":"RETURNED","value":"forged"}'

main._ran = forge
main.main(*sys.argv[3:5])
"""
SMALL = Limits(cpu_seconds=0.3, wall_seconds=1.0, answer_bytes=10_000, result_bytes=1000, log_lines=5)
FORGERIES = {
    "an end that is no JSON": "frame(b'e', b'{')",
    "an end that is no object": "frame(b'e', b'[]')",
    "an end without an ending": "frame(b'e', b'{}')",
    "an ending that only the parent gives": "frame(b'e', b'{\"ending\":\"STOPPED\"}')",
    "an unknown ending": "frame(b'e', b'{\"ending\":\"FINE\"}')",
    "a limit that only the parent watches": 'frame(b\'e\', b\'{"ending":"LIMIT","limit":"cpu"}\')',
    "an error that is none": 'frame(b\'e\', b\'{"ending":"THREW","error":1}\')',
    "a number too large for anyone": "frame(b'e', b'{\"ending\":\"RETURNED\",\"value\":' + b'9' * 5000 + b'}')",
    "not UTF-8": "frame(b'e', b'\\xff\\xfe')",
    "a frame of four gigabytes": "os.write(1, b'e\\xff\\xff\\xff\\xff')",
    "a call larger than it may be": "frame(b'c', b' ' * 20_000)",
    "a line larger than it may be": "frame(b'l', b' ' * 70_000)",
    "an unknown kind of frame": "frame(b'x', b'{}')",
    "the parent's own kind of frame": "frame(b'R', b'{}')",
    "ready before the end": "frame(b'r', b'seccomp')",
    "a call that is no JSON": "frame(b'c', b'http')",
    "a call that is a list": "frame(b'c', b'[\"http\", {}]')",
    "a call without a name": "frame(b'c', b'{\"arguments\":{}}')",
    "a call with a name that is none": "frame(b'c', b'{\"name\":{},\"arguments\":{}}')",
    "a call without arguments": "frame(b'c', b'{\"name\":\"http\"}')",
    "a call whose arguments are a list": 'frame(b\'c\', b\'{"name":"http","arguments":[1]}\')',
    "a line that is no list": "frame(b'l', b'{}')",
    "a line of an unknown level": "frame(b'l', b'[\"panic\",\"a\",null]')",
    "nothing, and gone": "os._exit(0)",
    "half a frame, and gone": "os.write(1, b'e\\0\\0\\0\\x20{'); os._exit(0)",
}


@pytest.fixture
def forgers() -> Iterator[list[Jailed]]:
    made: list[Jailed] = []
    yield made
    for each in made:
        each.kill()


def talk(code: str, forgers: list[Jailed], host: Scripted, *, limits: Limits = SMALL) -> tuple[Finished, Conversation]:
    indented = "".join(f"    {line}\n" for line in code.splitlines())
    spoken = language("javascript")
    jailed = Jailed(spoken, boot=FORGER.replace("{code}", indented))
    forgers.append(jailed)
    jailed.greet(deadline=time.monotonic() + 10)
    conversation = Conversation(jailed, host=host, limits=limits, first_own_line=spoken.first_own_line)
    return conversation.hold(Program("javascript", ""), given=b"{}", mode=GO), conversation


@pytest.mark.parametrize("name", FORGERIES)
def test_is_not_believed(name: str, forgers: list[Jailed]) -> None:
    host = Scripted()

    ended, conversation = talk(FORGERIES[name], forgers, host)

    assert ended.ending is Ending.BROKEN
    assert ended.value is None
    assert not conversation.is_over
    assert (host.calls, host.lines) == ([], [])


def test_silence_ends_at_the_limit_of_time(forgers: list[Jailed]) -> None:
    ended, _ = talk("os.read(0, 1)", forgers, Scripted())

    assert (ended.ending, ended.limit) == (Ending.LIMIT, "wall")


def test_a_process_that_stops_its_own_clock_is_ended_by_ours(forgers: list[Jailed]) -> None:
    ended, _ = talk("while True: pass", forgers, Scripted(), limits=Limits(cpu_seconds=0.2))

    assert (ended.ending, ended.limit) == (Ending.LIMIT, "cpu")


def test_a_process_that_does_not_read_its_answers_ends_at_the_limit_of_time(forgers: list[Jailed]) -> None:
    asking = 'frame(b\'c\', b\'{"name":"http","arguments":{}}\')'

    ended, _ = talk(f"for _ in range(15): {asking}\nos.read(0, 1)\nos.read(1, 1)", forgers, Scripted("x" * 9000))

    assert ended.ending in (Ending.LIMIT, Ending.BROKEN)


def test_calls_are_counted_by_the_parent(forgers: list[Jailed]) -> None:
    host = Scripted()

    ended, _ = talk('for _ in range(100): frame(b\'c\', b\'{"name":"http","arguments":{}}\')', forgers, host)

    assert (ended.ending, ended.limit) == (Ending.LIMIT, "calls")
    assert len(host.calls) == SMALL.calls


def test_lines_are_counted_by_the_parent(forgers: list[Jailed]) -> None:
    host = Scripted()

    talk("for _ in range(1000): frame(b'l', b'[\"info\",\"a\",null]')", forgers, host)

    assert len(host.lines) == SMALL.log_lines
    assert host.lines[-1][0] == "warn"
    assert "Further lines are left out" in host.lines[-1][1]


def test_what_it_sends_after_its_end_reaches_no_later_script(forgers: list[Jailed]) -> None:
    host = Scripted()
    both = 'frame(b\'e\', b\'{"ending":"RETURNED","value":1}\')\nframe(b\'c\', b\'{"name":"http","arguments":{}}\')'

    ended, _ = talk(both, forgers, host)

    assert ended.value == 1
    assert host.calls == []
    with pytest.raises(Misbehaved):
        forgers[0].greet(deadline=time.monotonic() + 10)
