"""A PostgreSQL cluster of the drill's own: made in a directory, started as a child, thrown away with it."""

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from portal.supervisor.children import Program
from portal.supervisor.ports import free_port

AS_USER = Path(__file__).with_name("as_user.py")
START_SECONDS = 60.0
DATABASE = "fieldport"


class NoPostgreSQL(Exception):
    """The programs of a PostgreSQL server are not on this machine."""


def programs_folder() -> Path:
    """Return where initdb and postgres are. :raises NoPostgreSQL:"""
    for pattern in ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"):
        for folder in sorted(Path("/").glob(pattern[1:]), reverse=True):
            if (folder / "initdb").exists():
                return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise NoPostgreSQL("initdb was not found: install a PostgreSQL server (it need not run).")


@dataclass(frozen=True)
class Cluster:
    """Loopback only, behind a password. Durable as a real one: what was acknowledged must survive a crash."""

    folder: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=secrets.token_hex, repr=False)

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        return f"postgres://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self) -> None:
        """Initialise the cluster's files. :raises NoPostgreSQL:"""
        user = _owner()
        self.folder.mkdir(mode=0o700)
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        for path in (self.folder, password_file):
            shutil.chown(path, user.pw_uid, user.pw_gid)
        options = ["-D", str(self.data), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password_file}"]
        command = self._as_owner("initdb", *options, "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
        password_file.unlink()
        if done.returncode:
            raise NoPostgreSQL(f"initdb failed: {done.stderr or done.stdout}")

    def program(self) -> Program:
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(self.port),
            "max_connections": "60",
            "shared_buffers": "32MB",
            "logging_collector": "off",
        }
        given = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return Program("postgresql", self._as_owner("postgres", "-D", str(self.data), *given), environment)

    def _as_owner(self, name: str, *arguments: str) -> list[str]:
        user, program = _owner(), programs_folder() / name
        return [
            sys.executable, "-I", "-S", str(AS_USER), str(user.pw_uid), str(user.pw_gid), str(program), *arguments,
        ]  # fmt: skip

    def wait(self) -> None:
        """:raises TimeoutError: if it does not take connections in time"""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"PostgreSQL did not start: {error}") from error
                time.sleep(0.1)
            else:
                return

    def create_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {DATABASE}")


def _owner() -> pwd.struct_passwd:
    """Return who the server runs as: this user, or for root one without rights."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgreSQL("root may not run a PostgreSQL server, and there is neither a user postgres nor nobody.")
