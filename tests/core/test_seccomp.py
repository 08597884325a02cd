"""The filter itself, run by a small interpreter: so the table of an architecture is tested on every other one."""

import struct
from collections.abc import Mapping

import pytest

from integrations.core.jailed import heif, seccomp
from integrations.scripts.sandbox.jailed import jail

ALLOW, KILL, NOT_KNOWN = 0x7FFF0000, 0x80000000, 0x00050026
X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003
MMAP = {"x86_64": 9, "aarch64": 222}
PRIVATE_ANONYMOUS = 0x22
READ_WRITE, READ_EXECUTE = 3, 5
A_THREAD = 0x3D0F00


def answer(code: bytes, *, number: int, architecture: int, arguments: tuple[int, ...] = ()) -> int:
    """Run a filter over one system call, as bpf does; only the instructions that ours uses."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(arguments + (0,) * 6)[:6])
    at = value = 0
    while True:
        operation, if_true, if_false, operand = struct.unpack_from("HBBI", code, at * 8)
        at += 1
        match operation:
            case 0x20:
                value = struct.unpack_from("=I", data, operand)[0]
            case 0x54:
                value &= operand
            case 0x15:
                at += if_true if value == operand else if_false
            case 0x35:
                at += if_true if value >= operand else if_false
            case 0x45:
                at += if_true if value & operand else if_false
            case 0x06:
                return int(operand)
            case _:
                raise AssertionError(f"unknown instruction {operation:#x}")


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def asked(machine: str, calls: Mapping[str, seccomp.Rule], number: int, *arguments: int) -> int:
    architecture, _ = seccomp.ARCHITECTURES[machine]
    return answer(seccomp.program(machine, calls), number=number, architecture=architecture, arguments=arguments)


@pytest.mark.parametrize("calls", [jail.CALLS, heif.CALLS], ids=["scripts", "heic"])
def test_only_the_calls_of_a_program_are_let_through(machine: str, calls: Mapping[str, seccomp.Rule]) -> None:
    _, numbers = seccomp.ARCHITECTURES[machine]
    fitting = {"read": (0,), "write": (1,), "mmap": (0, 0, READ_WRITE, PRIVATE_ANONYMOUS)}
    fitting |= {"madvise": (0, 0, 4), "setitimer": (2,), "futex": (0, 129), "clone": (A_THREAD,)}

    answers = {name: asked(machine, calls, numbers[name], *fitting.get(name, ())) for name in calls}
    others = [number for number in range(1024) if number not in {numbers[name] for name in calls}]

    assert answers == {name: NOT_KNOWN if name == "clone3" else ALLOW for name in calls}
    assert {asked(machine, calls, number) for number in others} == {KILL}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("read", (1,)),
        ("read", (3,)),
        ("write", (0,)),
        ("write", (2,)),
        ("mmap", (0, 0, READ_EXECUTE, PRIVATE_ANONYMOUS)),
        ("mmap", (0, 0, READ_WRITE, 0x02)),
        ("madvise", (0, 0, 100)),
        ("setitimer", (0,)),
        ("futex", (0, 3)),
        ("futex", (0, 6)),
    ],
)
def test_other_arguments_are_not(machine: str, name: str, arguments: tuple[int, ...]) -> None:
    _, numbers = seccomp.ARCHITECTURES[machine]

    assert asked(machine, jail.CALLS, numbers[name], *arguments) == KILL


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("write", (3,)),
        ("clone", (0,)),
        ("clone", (A_THREAD & ~0x10000,)),  # a process of its own
        ("clone", (A_THREAD | 0x10000000,)),  # in a user name space of its own
        ("mprotect", (0, 4096, READ_EXECUTE)),
        ("mmap", (0, 0, READ_EXECUTE, PRIVATE_ANONYMOUS)),
    ],
)
def test_nor_are_those_of_the_decoder(machine: str, name: str, arguments: tuple[int, ...]) -> None:
    _, numbers = seccomp.ARCHITECTURES[machine]

    assert asked(machine, heif.CALLS, numbers[name], *arguments) == KILL


def test_the_calls_of_another_architecture_are_not() -> None:
    x86_64 = seccomp.program("x86_64", jail.CALLS)
    read_of_x86_64 = answer(x86_64, number=0, architecture=I386)
    read_of_x32 = answer(x86_64, number=0x40000000, architecture=X86_64)
    read_of_aarch64 = answer(x86_64, number=63, architecture=X86_64)

    assert {read_of_x86_64, read_of_x32, read_of_aarch64} == {KILL}


def test_an_architecture_without_a_table_has_no_filter() -> None:
    with pytest.raises(seccomp.NotHere, match="riscv64"):
        seccomp.program("riscv64", jail.CALLS)
