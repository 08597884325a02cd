"""Client certificates beside other credentials, and keys that are refused when saved."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from integrations.connections import services
from integrations.connections.models import AuthKind, Connection
from tests.core.local_servers import Server
from tests.core.test_transport import AUTHORITY, TECHNICIAN, erp
from tests.factories import make_connection

__all__ = ["erp"]
CERTIFICATES = {"client_certificate": TECHNICIAN.pem, "authorities": AUTHORITY.certificate_pem}


@pytest.mark.django_db
def test_a_certificate_goes_with_any_other_credentials(erp: Server) -> None:
    connection = make_connection(
        base_url=f"https://erp.example:{erp.port}",
        auth_kind=AuthKind.BEARER,
        credentials={"token": "t", **CERTIFICATES},
    )

    assert services.open_client(connection).request("GET", "/x").json() == {"ok": True}

    assert erp.seen[0].headers["Authorization"] == "Bearer t"


def refusal(**credentials: Any) -> str:
    kind = AuthKind.JWT_BEARER if "issuer" in credentials else AuthKind.NONE
    connection = Connection(
        platform="worklink", base_url="https://a.example", workspace_id=1, auth_kind=kind, credentials=credentials
    )
    try:
        connection.clean()
    except ValidationError as error:
        return str(error.message_dict["credentials"][0])
    return ""


def test_certificates_that_can_be_read_are_let_in() -> None:
    assert refusal(**CERTIFICATES) == ""


@pytest.mark.parametrize("name", ["client_certificate", "authorities"])
def test_a_certificate_that_cannot_be_read_is_refused_when_saved(name: str) -> None:
    assert "cannot be read" in refusal(**{name: "not a certificate"})


@pytest.mark.parametrize("key", ["not a key", TECHNICIAN.pem.partition("-----BEGIN PRIVATE")[0]])
def test_a_private_key_that_cannot_sign_is_refused_when_saved(key: str) -> None:
    said = refusal(issuer="i", token_url="https://a.example", private_key=key, algorithm="ES256")

    assert said == "Private key cannot sign with ES256. Enter PEM text without a password."


def test_a_private_key_that_can_sign_is_let_in() -> None:
    key = "-----BEGIN PRIVATE" + TECHNICIAN.pem.partition("-----BEGIN PRIVATE")[2]

    assert refusal(issuer="i", token_url="https://a.example", private_key=key, algorithm="ES256") == ""
    assert refusal(issuer="i", token_url="https://a.example", private_key=key).startswith("Private key cannot sign")
