"""A production that asks for a strong jail runs no script in a weaker one, and says so."""

import pytest
from django.core import checks
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from integrations.scripts import guard, trial
from integrations.scripts.models import RunState
from integrations.scripts.sandbox import Sandbox, SandboxUnavailable
from integrations.scripts.system_checks import check_jail
from tests.scripts.conftest import House

RETURNS = "function run(ctx) { return 1; }"


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """As on a system without seccomp, with the settings of production."""
    monkeypatch.setattr(Sandbox, "level", property(lambda self: "rlimits"))
    settings.SCRIPT_JAIL_REQUIRED = "seccomp"


@pytest.mark.parametrize(
    ("level", "required", "runs"),
    [
        ("seccomp", "seccomp", True),
        ("rlimits", "seccomp", False),
        ("none", "seccomp", False),
        ("rlimits", "rlimits", True),
        ("none", "rlimits", False),
        ("none", "none", True),
    ],
)
def test_a_jail_that_is_weaker_than_asked_for_is_refused(
    level: str, required: str, runs: bool, settings: Settings
) -> None:
    settings.SCRIPT_JAIL_REQUIRED = required

    assert (guard.weakness(level) == "") is runs


@pytest.mark.usefixtures("weak")
def test_a_run_waits_for_a_strong_jail_and_says_so(house: House) -> None:
    house.script(RETURNS)
    house.tell()

    house.work()

    run = house.last()
    assert (run.state, run.result) == (RunState.WAITING, None)
    assert "SCRIPT_JAIL_REQUIRED asks for seccomp" in run.note


@pytest.mark.django_db
@pytest.mark.usefixtures("weak")
def test_nothing_is_tried_or_read_either_and_the_pages_say_why(admin_client: Client) -> None:
    with pytest.raises(SandboxUnavailable):
        trial.problems_of(RETURNS)

    page = admin_client.get(reverse("admin:scripts_script_changelist")).content.decode()
    ready = admin_client.get("/readyz").json()["scripts"]

    assert "jail: rlimits" in page
    assert "SCRIPT_JAIL_REQUIRED" in page
    assert ready["state"] == "down"
    assert "rlimits" in ready["note"]


@pytest.mark.django_db
def test_the_level_is_named_where_it_is_strong_enough(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "level", property(lambda self: "seccomp"))

    assert client.get("/readyz").json()["scripts"] == {"state": "ok", "note": "jail: seccomp"}


@pytest.mark.usefixtures("weak")
def test_the_system_check_refuses_a_weak_jail() -> None:
    (found,) = check_jail()

    assert (found.id, found.level) == ("scripts.E001", checks.ERROR)


def test_the_system_check_starts_nothing_where_no_level_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(self: Sandbox) -> str:
        raise AssertionError("a process was started")

    monkeypatch.setattr(Sandbox, "level", property(started))

    assert check_jail() == []


def test_a_sandbox_that_does_not_start_is_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(self: Sandbox) -> str:
        raise SandboxUnavailable("It does not start.")

    monkeypatch.setattr(Sandbox, "level", property(silent))

    assert guard.state() == ("", "It does not start.")
