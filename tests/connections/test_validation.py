"""What is refused when a connection is saved, and by which name."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from integrations.connections import setting_schema
from integrations.connections.models import AuthKind, Connection
from integrations.connections.schema import Field

FIELDS = (
    Field("page", "Page size", type="number", default=50),
    Field("form", "Form", type="choice", choices=[("a", "A"), ("b", "B")]),
    Field("relay", "Relay", type="url"),
    Field("hosts", "Hosts", type="list"),
    Field("deep", "Deep", type="boolean"),
)


@pytest.fixture(autouse=True)
def _platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_schema, "_fields", {"acme": FIELDS})


def connection(**values: Any) -> Connection:
    defaults: dict[str, Any] = {
        "platform": "acme",
        "base_url": "https://api.acme.example",
        "slug": "a",
        "name": "A",
        "workspace_id": 1,
    }
    return Connection(**defaults | {"credentials": {"token": "secret"}} | values)


def refused(**values: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        connection(**values).clean()
    return caught.value.message_dict


def test_a_good_connection_is_let_in() -> None:
    connection(settings={"page": 5, "form": "b", "hosts": ["x"], "deep": False, "relay": "https://r.example"}).clean()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:8000",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://10.0.0.5/api",
        "ftp://api.acme.example",
        "https://user:word@api.acme.example",
        "https://api.acme.example/?a=b",
    ],
)
def test_addresses_that_the_guard_refuses_are_refused_when_saved(url: str) -> None:
    assert list(refused(base_url=url)) == ["base_url"]
    oauth = {"token_url": url.split("?", maxsplit=1)[0], "client_id": "c"}
    if "?" not in url:
        assert list(refused(auth_kind=AuthKind.OAUTH2_CLIENT, credentials=oauth)) == ["credentials"]
        assert list(refused(settings={"relay": url})) == ["settings"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"pages": 5}, "“pages” is not known here. Known: deep, form, hosts, page, relay."),
        ({"page": "5"}, "Page size must be a number."),
        ({"page": True}, "Page size must be a number."),
        ({"deep": 1}, "Deep must be yes or no."),
        ({"form": "c"}, "Form must be one of a, b."),
        ({"form": ["a"]}, "Form must be a text."),
        ({"hosts": "x"}, "Hosts must be a list of texts."),
        ({"hosts": [1]}, "Hosts must be a list of texts."),
        ([], "This must be a JSON object."),
    ],
)
def test_settings_are_refused_by_name(settings: Any, words: str) -> None:
    assert refused(settings=settings) == {"settings": [words]}


@pytest.mark.parametrize(
    ("kind", "credentials", "words"),
    [
        (AuthKind.BEARER, {}, "Token is missing."),
        (AuthKind.BEARER, {"token": "t", "tokens": "u"}, "“tokens” is not known here."),
        (AuthKind.BASIC, {"username": "u"}, "Password is missing."),
        (AuthKind.OAUTH2_CLIENT, {"client_id": "c"}, "Token address is missing."),
        (AuthKind.NONE, {"token": "t"}, "“token” is not known here."),
    ],
)
def test_credentials_are_refused_by_name(kind: str, credentials: dict[str, Any], words: str) -> None:
    assert refused(auth_kind=kind, credentials=credentials)["credentials"][0].startswith(words)


def test_other_fields_are_checked_too() -> None:
    found = refused(platform="acne", time_zone="Mars/Base", date_format="DD", auth_kind=AuthKind.PLATFORM)

    assert set(found) == {"platform", "time_zone", "date_format", "auth_kind", "credentials"}
    assert "“Mars/Base” is not a time zone" in found["time_zone"][0]


def test_an_address_may_be_left_out_only_where_a_token_brings_it() -> None:
    oauth = {"token_url": "https://login.acme.example", "client_id": "c"}
    connection(base_url="", auth_kind=AuthKind.OAUTH2_CLIENT, credentials=oauth).clean()

    assert list(refused(base_url="")) == ["base_url"]


def test_an_empty_setting_has_its_default() -> None:
    assert connection().setting("page") == 50
    assert connection(settings={"page": 5}).setting("page") == 5
    assert connection(settings={"page": ""}).setting("page", 7) == 7
    assert connection().setting("other") is None


def test_a_part_of_this_installation_needs_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_schema, "_within", {"acme"})

    connection(base_url="").clean()

    assert "base_url" in refused(base_url="ftp://api.acme.example")
