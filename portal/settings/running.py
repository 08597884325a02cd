"""What `make run` is told by the environment. Read by the supervisor before there is a Django."""

from dataclasses import dataclass
from pathlib import Path

from portal.settings.environment import BASE_DIR, env


@dataclass(frozen=True)
class RunOptions:
    """Empty URLs: the supervisor's own SQLite and Valkey. Zero processes: it decides."""

    host: str
    port: int
    https: bool
    https_port: int
    data_dir: Path
    demo: bool
    web_processes: int
    worker_processes: int
    database_url: str
    redis_url: str
    public_url: str
    allowed_hosts: list[str]
    outbound_allow: list[str]
    keys_given: frozenset[str]


def run_options() -> RunOptions:
    https = env.bool("HTTPS", default=False)
    return RunOptions(
        host=env.str("HOST", default="0.0.0.0" if https else "127.0.0.1"),  # noqa: S104  HTTPS is for phones
        port=env.int("PORT", default=8000),
        https=https,
        https_port=env.int("HTTPS_PORT", default=8443),
        data_dir=Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve(),
        demo=env.bool("DEMO", default=True),
        web_processes=env.int("WEB_PROCESSES", default=0),
        worker_processes=env.int("WORKER_PROCESSES", default=2),
        database_url=env.str("DATABASE_URL", default=""),
        redis_url=env.str("REDIS_URL", default=""),
        public_url=env.str("PUBLIC_URL", default=""),
        allowed_hosts=env.list("ALLOWED_HOSTS", default=[]),
        outbound_allow=env.list("OUTBOUND_ALLOW", default=[]),
        keys_given=frozenset(name for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS") if name in env.ENVIRON),
    )
