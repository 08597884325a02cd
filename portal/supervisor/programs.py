"""The programs of an installation, and the environment they share."""

import os
import sys
from dataclasses import dataclass

from portal.settings.running import RunOptions
from portal.supervisor.certificates import files_of
from portal.supervisor.children import Program
from portal.supervisor.ports import LOOPBACK, own_names, reachable

PYTHON = [sys.executable, "-m"]


@dataclass(frozen=True)
class Simulators:
    """Where the demonstration's simulated platforms listen; 0: it is not there."""

    worklink_port: int
    record_port: int
    deepomatic_port: int = 0
    omni_port: int = 0

    def ports(self) -> dict[str, int]:
        known = {"worklink": self.worklink_port, "record": self.record_port}
        known |= {"deepomatic": self.deepomatic_port, "omni": self.omni_port}
        return {name: port for name, port in known.items() if port}

    def allowed(self) -> list[str]:
        """Exactly these loopback ports may be reached, never all of loopback; photos lie on a host of another name."""
        files = [f"localhost:{self.deepomatic_port}"] if self.deepomatic_port else []
        return [f"127.0.0.1:{port}" for port in self.ports().values()] + files


def public_url(options: RunOptions) -> str:
    """Return the address to open: PUBLIC_URL, or this machine's own."""
    name = "localhost" if options.host in LOOPBACK else own_names(options.host)[-1]
    return options.public_url or f"{_scheme(options)}://{name}:{web_port(options)}"


def web_port(options: RunOptions) -> int:
    """Return the port of the web server; with HTTPS=1 the other one only shows the way."""
    return options.https_port if options.https else options.port


def web_url(options: RunOptions) -> str:
    """Return the address at which the web server is asked from this machine."""
    return f"{_scheme(options)}://{reachable(options.host)}:{web_port(options)}"


def _scheme(options: RunOptions) -> str:
    return "https" if options.https else "http"


def environment(options: RunOptions, *, redis_url: str, simulators: Simulators | None) -> dict[str, str]:
    """Return what every child sees; the caller's own variables, and what the supervisor decided."""
    allow = options.outbound_allow + (simulators.allowed() if simulators else [])
    decided = {
        "DATA_DIR": str(options.data_dir),
        "REDIS_URL": redis_url,
        "PUBLIC_URL": public_url(options),
        "HTTPS": str(options.https),
        "ALLOWED_HOSTS": ",".join(options.allowed_hosts or own_names(options.host)),
        "OUTBOUND_ALLOW": ",".join(allow),
        "PYTHONUNBUFFERED": "1",
    }
    inherited = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in decided}
    inherited.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.local")
    return inherited | decided


def programs(options: RunOptions, env: dict[str, str]) -> list[Program]:
    """Web, worker and scheduler, in the order in which they start; with HTTPS=1 the door that shows the way to it.

    The scheduler's process follows recognition platforms too; in production that is a program of its own.
    """
    on_server = options.database_url.startswith(("postgres", "pgsql"))
    web_processes = options.web_processes or (2 if on_server else 1)
    bind = ["--host", options.host, "--port", str(web_port(options)), "--processes", str(web_processes)]
    celery = [*PYTHON, "celery", "--quiet", "-A", "portal", "worker", "--loglevel", "WARNING"]
    pool = ["--concurrency", str(options.worker_processes), "--without-gossip", "--without-mingle"]
    return [
        Program("web", [*PYTHON, "portal.serve", *bind, *_certificate(options)], env),
        Program("worker", [*celery, *pool], env),
        Program("scheduler", [*PYTHON, "portal.scheduler"], env),
        *([_door(options, env)] if options.https else []),
    ]


def _certificate(options: RunOptions) -> list[str]:
    files = files_of(options.data_dir)
    return ["--certificate", str(files.server), "--key", str(files.server_key)] if options.https else []


def _door(options: RunOptions, env: dict[str, str]) -> Program:
    bind = ["--host", options.host, "--port", str(options.port), "--https-port", str(options.https_port)]
    leads = ["--authority", str(files_of(options.data_dir).authority), "--names", env["ALLOWED_HOSTS"]]
    return Program("door", [*PYTHON, "portal.door", *bind, *leads], env)


def preparation(options: RunOptions, env: dict[str, str], simulators: Simulators | None) -> Program:
    """The preparation answers by a file that only this user can read, since it may hold a password."""
    command = [*PYTHON, "portal.supervisor.prepare", "--answer", str(options.data_dir / "run" / "prepared.json")]
    if simulators:
        for name, port in simulators.ports().items():
            command += [f"--{name}", f"http://127.0.0.1:{port}"]
        command += ["--web", web_url(options)]
    return Program("prepare", command, env)


def simulator_program(
    options: RunOptions, env: dict[str, str], simulators: Simulators, *, webhook_url: str, camera_key: str = ""
) -> Program:
    """The simulated platforms, which keep what they know beside our own data. `camera_key`: of our own REST API."""
    where = [word for name, port in simulators.ports().items() for word in (f"--{name}-port", str(port))]
    story = ["--webhook-url", webhook_url, "--demo", "--data", str(options.data_dir / "demonstration.json")]
    command = [*PYTHON, "tests.simulators", *where, *story]
    # They send their webhooks by https, and know this authority alone.
    trust = {"SSL_CERT_FILE": str(files_of(options.data_dir).authority)} if options.https else {}
    return Program("simulators", command, env | trust | {"DEMO_CAMERA_KEY": camera_key})
