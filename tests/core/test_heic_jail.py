"""Somebody has taken the decoder of HEIC over: native code of theirs runs in its process. It reaches nothing.

The code is Python run behind the door with ctypes at hand, which is as much as native code could do.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from integrations.core import heif
from integrations.core.images import ImageRefused, clean
from integrations.core.system_checks import check_heic_jail
from portal.health import CHECKS
from tests.core.test_heic import made

IS_X86 = os.uname().machine == "x86_64"
needs_filter = pytest.mark.skipif(not IS_X86, reason="the numbers of these system calls are those of x86-64")
BREAK_IN = """
import ctypes, _thread, mmap, os, resource, socket, sys
sys.path.append(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
pointer = ctypes.create_string_buffer(8192)
from integrations.core.jailed import heif
shut = heif._shut_the_door
def shut_and_break_out():
{before}
    level = shut()
{code}
    return level
heif._shut_the_door = shut_and_break_out
heif.main(*sys.argv[2:])
"""
ATTEMPTS = {
    "read a file": "open({secret!r}, 'rb')",
    "make a file": "open({made!r}, 'w')",
    "delete a file": "os.unlink({secret!r})",
    "connect": "socket.create_connection(('127.0.0.1', {port}))",
    "execute": "os.execv('/bin/sh', ['sh', '-c', 'touch {made}'])",
    "start a program": "os.posix_spawn('/bin/sh', ['sh', '-c', 'touch {made}'], {{}})",
    "fork": "os.fork()",
    "make a process that shares memory": "libc.syscall(56, 0x100, 0, 0, 0, 0)",
    "kill the parent": "os.kill({parent}, 9)",
    "read the parent": "libc.process_vm_readv({parent}, pointer, 1, pointer, 1, 0)",
    "trace the parent": "libc.ptrace(16, {parent}, 0, 0)",
    "make memory executable": "libc.mprotect(ctypes.c_void_p(ctypes.addressof(pointer) + 4095 & ~4095), 4096, 7)",
    "map executable memory": "mmap.mmap(-1, 4096, prot=7)",
    "read what comes in": "os.read(0, 1)",
    "raise a limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
    "take the filter off": "libc.prctl(22, 2, pointer, 0, 0)",
    "call as x32": "libc.syscall(0x40000000 + 2, {secret!r}.encode(), 0)",
    "call in a thread": (
        "libc.pthread_create(pointer, None, libc.unlink, {secret!r}.encode());"
        "libc.pthread_join(ctypes.c_void_p.from_buffer(pointer), None)"
    ),
}


@pytest.fixture(scope="module")
def good() -> bytes:
    return made()


def broken_in(monkeypatch: pytest.MonkeyPatch, code: str, *, before: str = "pass") -> None:
    boot = BREAK_IN.replace("{before}", f"    {before}").replace("{code}", f"    {code}")
    monkeypatch.setattr(heif, "BOOT", boot)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@needs_filter
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_behind_the_door_an_attempt_ends_the_process_and_does_nothing(
    attempt: str, good: bytes, tmp_path: Path, listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, new = tmp_path / "secret", tmp_path / "made"
    secret.write_text("secret")
    port = listening.getsockname()[1]
    code = attempt.format(secret=str(secret), made=str(new), parent=os.getpid(), port=port)
    broken_in(monkeypatch, code)

    with pytest.raises(ImageRefused, match="ended by signal 31"):
        clean(good)

    assert (secret.exists(), new.exists()) == (True, False)
    with pytest.raises(BlockingIOError):
        listening.accept()


@needs_filter
def test_the_door_is_shut_while_there_is_one_thread(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of before would have no filter. Decoding starts one behind it."""
    broken_in(monkeypatch, "pass", before="[os.kill(os.getpid(), 9) for _ in os.listdir('/proc/self/task')[1:]]")

    assert clean(good).content_type == "image/jpeg"


@needs_filter
def test_the_newer_way_to_make_a_process_is_not_known(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "libc.syscall(435, pointer, 88); os._exit(0 if ctypes.get_errno() == 38 else 1)"
    broken_in(monkeypatch, asked)

    with pytest.raises(ImageRefused, match="said nothing"):
        clean(good)


WITHOUT = """
import sys
sys.path.append(sys.argv[1])
from integrations.core.jailed import heif, seccomp
seccomp.ARCHITECTURES.clear()
"""


@pytest.fixture
def without_filter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a system that has no seccomp."""
    monkeypatch.setattr(heif, "BOOT", WITHOUT + heif.BOOT)
    monkeypatch.setattr(heif, "BOOT_TO_TELL", WITHOUT + heif.BOOT_TO_TELL)
    heif.level.cache_clear()
    yield
    heif.level.cache_clear()


@pytest.mark.usefixtures("without_filter")
def test_without_a_filter_photos_are_read_behind_limits_only(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clean(good).content_type == "image/jpeg"
    assert CHECKS["heic"]() == {"state": "ok", "note": "jail: rlimits"}
    assert check_heic_jail() == []

    opened = "\n    ".join(["try: open('/etc/hostname')", "except OSError as error: os._exit(error.errno)"])
    broken_in(monkeypatch, opened, before="from integrations.core.jailed import seccomp; seccomp.ARCHITECTURES.clear()")
    with pytest.raises(ImageRefused):
        clean(good)


@pytest.mark.usefixtures("without_filter")
def test_an_installation_that_asks_for_a_filter_does_not_decode_without(good: bytes, settings: Settings) -> None:
    settings.HEIC_JAIL_REQUIRED = "seccomp"

    with pytest.raises(ImageRefused, match="HEIC_JAIL_REQUIRED asks for seccomp"):
        clean(good)

    assert CHECKS["heic"]()["state"] == "down"
    assert [error.id for error in check_heic_jail()] == ["core.E001"]


def test_a_decoder_that_does_not_start_makes_the_installation_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heif, "BOOT_TO_TELL", "import no_such_module")
    heif.level.cache_clear()

    state = CHECKS["heic"]()

    assert state == {"state": "down", "note": "HEIC photos are not read here: ModuleNotFoundError."}


@needs_filter
def test_where_there_is_a_filter_production_is_content(good: bytes, settings: Settings) -> None:
    settings.HEIC_JAIL_REQUIRED = "seccomp"

    assert clean(good).content_type == "image/jpeg"
    assert CHECKS["heic"]() == {"state": "ok", "note": "jail: seccomp"}
    assert check_heic_jail() == []
