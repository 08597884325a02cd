"""A seccomp filter: the system calls that a jailed program takes, with the arguments they take, and no others.

Each program names its own calls, with what is asked of them. Whatever else is called, the kernel ends the process with
SIGSYS. See seccomp(2), and bpf in linux/filter.h.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Mapping

Rule = list[bytes]
"""Instructions that end in an answer to one call, whose number is right."""

_SET_NO_NEW_PRIVS, _SET_SECCOMP, _MODE_FILTER, _SET_DUMPABLE = 38, 22, 2, 4
_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _NOT_KNOWN = 0x7FFF0000, 0x80000000, 0x00050000 | 38  # with errno ENOSYS
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

_PROT_EXEC, _MAP_ANONYMOUS = 0x4, 0x20

# linux/audit.h, and of the tables of system calls of each architecture what our programs take.
ARCHITECTURES = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13,
            "rt_sigprocmask": 14, "rt_sigreturn": 15, "mremap": 25, "madvise": 28, "setitimer": 38, "clone": 56,
            "exit": 60, "gettimeofday": 96, "futex": 202, "restart_syscall": 219, "clock_gettime": 228,
            "exit_group": 231, "set_robust_list": 273, "rseq": 334, "clone3": 435,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "read": 63, "write": 64, "mmap": 222, "mprotect": 226, "munmap": 215, "brk": 214, "rt_sigaction": 134,
            "rt_sigprocmask": 135, "rt_sigreturn": 139, "mremap": 216, "madvise": 233, "setitimer": 103, "clone": 220,
            "exit": 93, "gettimeofday": 169, "futex": 98, "restart_syscall": 128, "clock_gettime": 113,
            "exit_group": 94, "set_robust_list": 99, "rseq": 293, "clone3": 435,
        },
    ),
}  # fmt: skip
X32 = 0x40000000


class NotHere(Exception):
    """This kernel or this architecture has no filter of ours."""


def install(calls: Mapping[str, Rule]) -> None:
    """Give up for good every privilege and every system call that is not among these. :raises NotHere:

    It holds this thread and those that it starts: a program does this while it has one only.
    """
    code = program(os.uname().machine, calls)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    if sys.maxsize < 1 << 32:
        raise NotHere("This is a 32-bit process.")
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    prctl(_SET_DUMPABLE, 0, None, 0, 0)
    if prctl(_SET_NO_NEW_PRIVS, 1, None, 0, 0) or prctl(_SET_SECCOMP, _MODE_FILTER, head, 0, 0):
        raise NotHere(os.strerror(ctypes.get_errno()))


def program(machine: str, calls: Mapping[str, Rule]) -> bytes:
    """Return the filter for an architecture, as `uname -m` names it. :raises NotHere:"""
    if machine not in ARCHITECTURES:
        raise NotHere(f"There is no table of system calls for {machine}.")
    architecture, numbers = ARCHITECTURES[machine]
    code = [_op(_LOAD, _ARCHITECTURE), _op(_EQUAL, architecture, 1, 0), _op(_RETURN, _KILL)]
    code += [_op(_LOAD, _NUMBER), _op(_AT_LEAST, X32, 0, 1), _op(_RETURN, _KILL)]
    for name, rule in calls.items():
        code += [_op(_EQUAL, numbers[name], 0, len(rule)), *rule]
    return b"".join([*code, _op(_RETURN, _KILL)])


def only(index: int, *values: int, mask: int = 0xFFFFFFFF) -> Rule:
    """An argument has to be one of these values: its low 32 bits, as the kernel reads them."""
    code = [_op(_LOAD, _ARGUMENTS + 8 * index), _op(_AND, mask)]
    code += [_op(_EQUAL, value, len(values) - place, 0) for place, value in enumerate(values)]
    return [*code, _op(_RETURN, _KILL), _op(_RETURN, _ALLOW)]


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction: where to jump counts the instructions to leave out."""
    return struct.pack("HBBI", code, if_true, if_false, value)


ANY: Rule = [_op(_RETURN, _ALLOW)]
NOT_KNOWN: Rule = [_op(_RETURN, _NOT_KNOWN)]
"""The caller is told that the kernel has no such call, and takes an older one."""
NOT_EXECUTABLE: Rule = only(2, 0, mask=_PROT_EXEC)
"""mprotect: memory does not become such as can be executed."""
MEMORY_ONLY: Rule = [
    _op(_LOAD, _ARGUMENTS + 8 * 2),
    _op(_ANY_OF, _PROT_EXEC, 2, 0),
    _op(_LOAD, _ARGUMENTS + 8 * 3),
    _op(_ANY_OF, _MAP_ANONYMOUS, 1, 0),
    _op(_RETURN, _KILL),
    _op(_RETURN, _ALLOW),
]
"""mmap: memory without a file behind it, and never such as can be executed."""
ALLOCATING: dict[str, Rule] = {
    "mmap": MEMORY_ONLY,
    "munmap": ANY,
    "mremap": ANY,
    "brk": ANY,
    "madvise": only(2, 4, 8),  # DONTNEED, FREE
    "futex": only(1, 0, 1, 9, 10, mask=0x7F),  # wait and wake, plain and with a bit set
}
"""What every program takes, the interpreter for itself."""
ENDING: dict[str, Rule] = {"exit": ANY, "exit_group": ANY, "rt_sigreturn": ANY, "restart_syscall": ANY}
