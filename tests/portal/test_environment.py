"""How settings are given: variables, files, a `.env` file."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import Environment, Trimmed

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "SECRET_KEY": "x" * 50,
    "FIELD_ENCRYPTION_KEYS": "dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ=",
    "DATABASE_URL": "postgres://fieldport@127.0.0.1:1/fieldport",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "PUBLIC_URL": "https://fieldport.example.com",
    "ALLOWED_HOSTS": "fieldport.example.com",
    "ENV_FILE": "",
}


class Given(Environment):
    """An environment of the test's own."""


@pytest.fixture
def given() -> dict[str, str]:
    variables: dict[str, str] = {}
    Given.ENVIRON = Trimmed(variables)
    return variables


def _settings(variables: dict[str, str], *, show: str) -> subprocess.CompletedProcess[str]:
    code = f"from django.conf import settings; settings.DEBUG; print({show})"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


def test_a_file_wins_over_the_variable_and_loses_its_newline(given: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    given.update(SECRET_KEY="from the variable", SECRET_KEY_FILE=str(tmp_path / "secret"))

    assert Given().str("SECRET_KEY") == "from the file"


def test_a_file_that_is_not_there_is_named(given: dict[str, str]) -> None:
    given["SECRET_KEY_FILE"] = "/run/secrets/nowhere"

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE names /run/secrets/nowhere"):
        Given().str("SECRET_KEY")


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("PUBLIC_URL=https://from-the-file.example\nOUTBOUND=capture\n")

    shown = _settings(PRODUCTION | {"ENV_FILE": str(tmp_path / "env")}, show="settings.PUBLIC_URL, settings.OUTBOUND")

    assert shown.stdout.strip() == "https://fieldport.example.com capture"


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_HOSTS"]
)
def test_production_does_not_start_without_what_it_cannot_guess(name: str) -> None:
    shown = _settings({key: value for key, value in PRODUCTION.items() if key != name}, show="'started'")

    assert shown.returncode == 1
    assert name in shown.stderr
    assert "started" not in shown.stdout


def test_a_word_for_outbound_that_means_nothing_is_refused() -> None:
    shown = _settings(PRODUCTION | {"OUTBOUND": "captured"}, show="'started'")

    assert "OUTBOUND is 'captured'; it must be live, capture or off." in shown.stderr


def test_behind_tls_cookies_are_for_tls_only() -> None:
    shown = _settings(PRODUCTION, show="settings.SESSION_COOKIE_SECURE, settings.DEBUG")

    assert shown.stdout.strip() == "True False"


def test_production_asks_for_the_strongest_jails_unless_told_otherwise() -> None:
    show = "settings.SCRIPT_JAIL_REQUIRED, settings.HEIC_JAIL_REQUIRED"
    shown = [
        _settings(PRODUCTION | given, show=show).stdout.strip()
        for given in ({}, {"SCRIPT_JAIL_REQUIRED": "rlimits"}, {"HEIC_JAIL_REQUIRED": "rlimits"})
    ]

    assert shown == ["seccomp seccomp", "rlimits seccomp", "seccomp rlimits"]


def test_a_level_of_the_jail_that_does_not_exist_is_refused() -> None:
    shown = _settings(PRODUCTION | {"SCRIPT_JAIL_REQUIRED": "strong"}, show="'started'")

    assert "SCRIPT_JAIL_REQUIRED is 'strong'; it must be seccomp, rlimits or none." in shown.stderr

    shown = _settings(PRODUCTION | {"HEIC_JAIL_REQUIRED": "none"}, show="'started'")

    assert "HEIC_JAIL_REQUIRED is 'none'; it must be seccomp or rlimits." in shown.stderr
