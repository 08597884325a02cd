"""Somebody has broken out of the engine: native code of theirs runs in the jailed process. It reaches nothing.

The code is Python run inside the walls with ctypes at hand, which is as much as native code could do.
"""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.scripts.sandbox import Ending, Program, Sandbox
from integrations.scripts.sandbox.jailed.wire import READY
from integrations.scripts.sandbox.languages import language
from integrations.scripts.sandbox.process import Died, Jailed, Misbehaved
from tests.scripts.sandbox.hosts import Scripted

BREAK_IN = """
import sys
sys.path += sys.argv[1:3]
import ctypes, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
pointer = ctypes.create_string_buffer(4096)
SYSCALLS = {syscalls}
from jailed import jail, main
enter = jail.enter
def enter_and_break_out():
    level = enter()
{code}
    return level
jail.enter = enter_and_break_out
main.main(*sys.argv[3:5])
"""
IS_X86 = os.uname().machine == "x86_64"
SYSCALLS = {
    "open": 2, "openat": 257, "socket": 41, "connect": 42, "fork": 57, "vfork": 58, "clone": 56, "clone3": 435,
    "execve": 59, "kill": 62, "tgkill": 234, "ptrace": 101, "process_vm_readv": 310, "pidfd_open": 434, "mprotect": 10,
    "dup": 32, "ioctl": 16, "sendmsg": 46, "setrlimit": 160, "prlimit64": 302, "seccomp": 317, "prctl": 157, "bpf": 321,
    "io_uring_setup": 425, "userfaultfd": 323, "memfd_create": 319, "unshare": 272, "mount": 165, "keyctl": 250,
    "personality": 135, "shmget": 29, "getpid": 39, "getdents64": 217, "chroot": 161, "setuid": 105,
    "rt_sigaction": 13, "perf_event_open": 298,
}  # fmt: skip

pytestmark = pytest.mark.skipif(not IS_X86, reason="the numbers of these system calls are those of x86-64")


@pytest.fixture
def started() -> Iterator[list[Jailed]]:
    made: list[Jailed] = []
    yield made
    for each in made:
        each.kill()


def broken_in(code: str, started: list[Jailed]) -> Jailed:
    indented = "".join(f"    {line}\n" for line in code.splitlines())
    boot = BREAK_IN.replace("{syscalls}", repr(SYSCALLS)).replace("{code}", indented)
    jailed = Jailed(language("javascript"), boot=boot)
    started.append(jailed)
    return jailed


def signal_of(jailed: Jailed) -> int:
    """Wait for the end of a process that should not live to say that it is ready."""
    with pytest.raises(Died) as death:
        jailed.greet(deadline=time.monotonic() + 10)
    return death.value.signal


def test_without_a_break_in_the_same_process_is_ready(started: list[Jailed]) -> None:
    jailed = broken_in("pass", started)

    jailed.greet(deadline=time.monotonic() + 10)

    assert jailed.level == "seccomp"


@pytest.mark.parametrize("name", SYSCALLS)
def test_a_forbidden_system_call_ends_the_process(name: str, started: list[Jailed]) -> None:
    jailed = broken_in(f"libc.syscall(SYSCALLS['{name}'], 0, 0, 0, 0, 0, 0)", started)

    assert signal_of(jailed) == signal.SIGSYS


def test_no_file_is_opened_or_made(started: list[Jailed], tmp_path: Path) -> None:
    secret, made = tmp_path / "secret", tmp_path / "made"
    secret.write_text("secret")

    signals = [
        signal_of(broken_in(f"os.write(1, open({str(secret)!r}, 'rb').read())", started)),
        signal_of(broken_in(f"open({str(made)!r}, 'w')", started)),
    ]

    assert signals == [signal.SIGSYS] * 2
    assert not made.exists()


def test_nobody_is_connected_to(started: list[Jailed]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        ended = signal_of(broken_in(f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))", started))

        with pytest.raises(TimeoutError):
            server.accept()
    assert ended == signal.SIGSYS


def test_no_process_is_started(started: list[Jailed], tmp_path: Path) -> None:
    made = tmp_path / "made"

    signals = [
        signal_of(broken_in(f"os.execv('/bin/sh', ['sh', '-c', 'touch {made}'])", started)),
        signal_of(broken_in("os.fork()", started)),
        signal_of(broken_in(f"os.posix_spawn('/bin/sh', ['sh', '-c', 'touch {made}'], {{}})", started)),
        signal_of(broken_in("import _thread; _thread.start_new_thread(print, ())", started)),
    ]

    assert signals == [signal.SIGSYS] * 4
    assert not made.exists()


def test_the_parent_is_neither_killed_nor_read_nor_traced(started: list[Jailed]) -> None:
    me, mine = os.getpid(), bytearray(b"a secret of the parent")
    address = id(mine)
    read = f"""
iovec = struct.pack('QQ', ctypes.addressof(pointer), 16), struct.pack('QQ', {address}, 16)
libc.process_vm_readv({me}, iovec[0], 1, iovec[1], 1, 0)
"""

    signals = [
        signal_of(broken_in(f"os.kill({me}, 9)", started)),
        signal_of(broken_in(read, started)),
        signal_of(broken_in(f"libc.ptrace(16, {me}, 0, 0)", started)),
        signal_of(broken_in(f"open('/proc/{me}/mem', 'rb')", started)),
    ]

    assert signals == [signal.SIGSYS] * 4


def test_no_memory_is_made_executable(started: list[Jailed]) -> None:
    made = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)"
    changed = "libc.mprotect(ctypes.c_void_p(ctypes.addressof(pointer) & ~4095), 4096, 7)"

    assert [signal_of(broken_in(code, started)) for code in (made, changed)] == [signal.SIGSYS] * 2


def test_without_the_filter_the_limits_still_keep_files_shut(started: list[Jailed]) -> None:
    """As on a system that has no seccomp: the level says so."""
    code = """
import errno
try:
    open('/etc/hostname')
except OSError as error:
    level += f' {errno.errorcode[error.errno]}'
"""
    boot_without = (
        "import sys; sys.path += sys.argv[1:3]; from integrations.core.jailed import seccomp; "
        "seccomp.ARCHITECTURES.clear()\n"
    )
    indented = "".join(f"    {line}\n" for line in code.splitlines())
    boot = boot_without + BREAK_IN.replace("{syscalls}", "{}").replace("{code}", indented)
    jailed = Jailed(language("javascript"), boot=boot)
    started.append(jailed)

    _, said = jailed.receive(most={READY: 99}.get, patience=lambda: 10.0)

    assert said == b"rlimits EMFILE"


def test_calls_by_the_numbers_of_x32_are_no_way_round(started: list[Jailed]) -> None:
    assert signal_of(broken_in("libc.syscall(0x40000000 + 2, b'/etc/passwd', 0)", started)) == signal.SIGSYS


def test_only_three_descriptors_and_no_environment_are_there(started: list[Jailed]) -> None:
    jailed = broken_in("pass", started)
    jailed.greet(deadline=time.monotonic() + 10)

    descriptors = os.listdir(f"/proc/{jailed.pid}/fd")
    environment = Path(f"/proc/{jailed.pid}/environ").read_bytes()

    assert sorted(descriptors) == ["0", "1", "2"]
    assert environment == b""


def test_what_it_says_before_it_is_asked_is_not_listened_to(started: list[Jailed]) -> None:
    jailed = broken_in("os.write(1, b'c' + struct.pack('>I', 2) + b'{}')", started)

    with pytest.raises(Misbehaved):
        jailed.greet(deadline=time.monotonic() + 10)


def test_the_next_script_runs_after_a_process_was_broken_into(sandbox: Sandbox) -> None:
    program = Program("javascript", "const run = () => 1")
    with sandbox._taken(language("javascript")) as jailed:
        os.kill(jailed.pid, signal.SIGSYS)

    ended = sandbox.run(program, input={}, host=Scripted())

    assert json.dumps(ended.value) == "1"
    assert ended.ending is Ending.RETURNED
