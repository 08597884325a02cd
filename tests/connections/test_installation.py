"""What is checked before a start: the key, the address, the settings."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from integrations.connections.installation import StartRefused, check_start, end_capture
from integrations.connections.models import Connection, Installation
from integrations.core.fields import key_fingerprint

pytestmark = pytest.mark.django_db
OTHER = Fernet.generate_key().decode()


@pytest.fixture
def started(settings: Settings) -> Installation:
    settings.PUBLIC_URL = "https://fieldport.acme.example"
    check_start()
    return Installation.objects.get()


def test_the_first_start_remembers_key_and_address(started: Installation, settings: Settings) -> None:
    assert started.key_fingerprint == key_fingerprint(settings.FIELD_ENCRYPTION_KEYS[0])
    assert started.public_url == "https://fieldport.acme.example"
    assert started.capture_reason == ""


def test_a_wrong_key_is_refused_by_the_fingerprints_of_both(started: Installation, settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OTHER]

    with pytest.raises(StartRefused, match=key_fingerprint(OTHER)) as refusal:
        check_start()

    assert started.key_fingerprint in str(refusal.value)
    assert Installation.objects.filter(key_fingerprint=started.key_fingerprint).exists()


def test_a_new_first_key_is_accepted_while_the_former_one_is_kept(started: Installation, settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OTHER, *settings.FIELD_ENCRYPTION_KEYS]

    assert check_start() == ""
    assert Installation.objects.filter(key_fingerprint=started.key_fingerprint).exists()


@pytest.mark.usefixtures("started")
def test_after_a_rotation_the_new_key_alone_is_enough(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OTHER, *settings.FIELD_ENCRYPTION_KEYS]
    Installation.objects.get().save()
    settings.FIELD_ENCRYPTION_KEYS = [OTHER]

    assert check_start() == ""
    assert Installation.objects.get().key_fingerprint == key_fingerprint(OTHER)


@pytest.mark.parametrize("keys", [[], ["not-a-key"], ["c2hvcnQ="]])
def test_a_missing_or_malformed_key_is_refused_before_the_database_is_asked(
    settings: Settings, keys: list[str]
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = keys

    with pytest.raises(StartRefused, match=key_fingerprint(keys[0]) if keys else "empty"):
        check_start()

    assert not Installation.objects.exists()


@pytest.mark.usefixtures("started")
def test_another_address_holds_writes_back_until_it_is_accepted(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://copy.acme.example"

    reason = check_start()

    assert "https://fieldport.acme.example" in reason
    assert check_start() == reason, "a second start changes nothing"
    end_capture()
    assert check_start() == ""
    assert Installation.objects.get().public_url == "https://copy.acme.example"


@pytest.mark.usefixtures("started")
def test_going_back_to_the_former_address_lets_writes_leave_again(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    assert check_start()

    settings.PUBLIC_URL = "https://fieldport.acme.example"

    assert check_start() == ""
    assert Installation.objects.get().capture_reason == ""


def test_loopback_and_lan_addresses_of_make_run_are_the_same_place(settings: Settings) -> None:
    for url in ("http://localhost:8000", "http://127.0.0.1:8001", "http://192.168.1.20:8000", "http://box.local:8000"):
        settings.PUBLIC_URL = url
        assert check_start() == ""

    settings.PUBLIC_URL = "https://192.168.1.20"
    assert check_start(), "with a certificate it is somebody's server"


def test_its_own_https_in_the_local_network_is_the_same_place_too(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    check_start()
    settings.OWN_HTTPS = True

    for url in ("https://192.168.1.20:8443", "https://10.0.0.5:8443", "http://localhost:8000"):
        settings.PUBLIC_URL = url
        assert check_start() == ""

    for url in ("https://192.168.1.20", "https://fieldport.acme.example:8443"):
        settings.PUBLIC_URL = url
        assert check_start(), "somebody's server"


@pytest.mark.parametrize(
    ("name", "value"), [("PUBLIC_URL", "fieldport.example"), ("OUTBOUND_ALLOW", ["10.0.0.0/8:443", "no port"])]
)
def test_a_setting_that_cannot_be_right_is_named(settings: Settings, name: str, value: object) -> None:
    setattr(settings, name, value)

    with pytest.raises(StartRefused, match=name):
        check_start()

    assert not Installation.objects.exists()


@pytest.mark.usefixtures("started")
def test_the_command_says_the_same_and_fails(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OTHER]

    with pytest.raises(CommandError, match=key_fingerprint(OTHER)):
        call_command("start_check")


@pytest.mark.usefixtures("started")
def test_secrets_stay_closed_to_a_wrong_key(settings: Settings) -> None:
    connection = Connection.objects.create(slug="erp", name="ERP", platform="generic", credentials={"token": "s3cret"})
    settings.FIELD_ENCRYPTION_KEYS = [OTHER]

    with pytest.raises(StartRefused):
        check_start()

    settings.FIELD_ENCRYPTION_KEYS = [OTHER, "dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ="]
    assert Connection.objects.get(pk=connection.pk).credentials == {"token": "s3cret"}
