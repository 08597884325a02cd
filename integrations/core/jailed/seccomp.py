"""A seccomp filter: the system calls that running a script takes, with the arguments they take, and no others.

Whatever else is called, the kernel ends the process with SIGSYS. See seccomp(2), and bpf in linux/filter.h.
"""

import ctypes
import os
import struct
import sys

_SET_NO_NEW_PRIVS, _SET_SECCOMP, _MODE_FILTER, _SET_DUMPABLE = 38, 22, 2, 4
_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

_PROT_EXEC, _MAP_ANONYMOUS = 0x4, 0x20
_ITIMER_PROF = 2

# linux/audit.h, and the tables of system calls of each architecture.
ARCHITECTURES = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "mmap": 9, "munmap": 11, "brk": 12, "rt_sigreturn": 15, "mremap": 25, "madvise": 28,
            "setitimer": 38, "exit": 60, "gettimeofday": 96, "futex": 202, "restart_syscall": 219,
            "clock_gettime": 228, "exit_group": 231,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "read": 63, "write": 64, "mmap": 222, "munmap": 215, "brk": 214, "rt_sigreturn": 139, "mremap": 216,
            "madvise": 233, "setitimer": 103, "exit": 93, "gettimeofday": 169, "futex": 98, "restart_syscall": 128,
            "clock_gettime": 113, "exit_group": 94,
        },
    ),
}  # fmt: skip

# Of these an argument has to be one of a few values (index, mask, values): the low 32 bits, as the kernel reads them.
ONLY_WITH = {
    "read": (0, 0xFFFFFFFF, (0,)),
    "write": (0, 0xFFFFFFFF, (1,)),
    "madvise": (2, 0xFFFFFFFF, (4, 8)),  # DONTNEED, FREE
    "setitimer": (0, 0xFFFFFFFF, (_ITIMER_PROF,)),
    "futex": (1, 0x7F, (0, 1, 9, 10)),  # wait and wake, plain and with a bit set
}
X32 = 0x40000000


class NotHere(Exception):
    """This kernel or this architecture has no filter of ours."""


def install() -> None:
    """Give up for good every privilege and every system call that is not in the table. :raises NotHere:"""
    code = program(os.uname().machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    if sys.maxsize < 1 << 32:
        raise NotHere("This is a 32-bit process.")
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    prctl(_SET_DUMPABLE, 0, None, 0, 0)
    if prctl(_SET_NO_NEW_PRIVS, 1, None, 0, 0) or prctl(_SET_SECCOMP, _MODE_FILTER, head, 0, 0):
        raise NotHere(os.strerror(ctypes.get_errno()))


def program(machine: str) -> bytes:
    """Return the filter for an architecture, as `uname -m` names it. :raises NotHere:"""
    if machine not in ARCHITECTURES:
        raise NotHere(f"There is no table of system calls for {machine}.")
    architecture, numbers = ARCHITECTURES[machine]
    code = [_op(_LOAD, _ARCHITECTURE), _op(_EQUAL, architecture, 1, 0), _op(_RETURN, _KILL)]
    code += [_op(_LOAD, _NUMBER), _op(_AT_LEAST, X32, 0, 1), _op(_RETURN, _KILL)]
    for name, number in numbers.items():
        rule = _rule(name)
        code += [_op(_EQUAL, number, 0, len(rule)), *rule]
    return b"".join([*code, _op(_RETURN, _KILL)])


def _rule(name: str) -> list[bytes]:
    """Return what is asked of a call whose number is right; it ends in an answer."""
    if name == "mmap":
        return _memory_only()
    if name not in ONLY_WITH:
        return [_op(_RETURN, _ALLOW)]
    index, mask, values = ONLY_WITH[name]
    code = [_op(_LOAD, _ARGUMENTS + 8 * index), _op(_AND, mask)]
    code += [_op(_EQUAL, value, len(values) - place, 0) for place, value in enumerate(values)]
    return [*code, _op(_RETURN, _KILL), _op(_RETURN, _ALLOW)]


def _memory_only() -> list[bytes]:
    """mmap: memory without a file behind it, and never such as can be executed."""
    return [
        _op(_LOAD, _ARGUMENTS + 8 * 2),
        _op(_ANY_OF, _PROT_EXEC, 2, 0),
        _op(_LOAD, _ARGUMENTS + 8 * 3),
        _op(_ANY_OF, _MAP_ANONYMOUS, 1, 0),
        _op(_RETURN, _KILL),
        _op(_RETURN, _ALLOW),
    ]


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction: where to jump counts the instructions to leave out."""
    return struct.pack("HBBI", code, if_true, if_false, value)
