"""Credentials that have to be exchanged for a token, against the token endpoint of the sample system of record."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.db import connection as database
from pytest_django.fixtures import Settings

from integrations.connections import services
from integrations.connections.auth import Account, Token, TokenAuth, grants, register, registry, token_auth
from integrations.connections.models import AuthKind, Connection, Health
from integrations.core import clock
from integrations.core.errors import AuthFailed, OutboundOff, TransientError
from tests.connections.conftest import Make
from tests.core.local_servers import Reply, Seen, serving
from tests.simulators.record.auth import CLIENT, REFRESH_TOKEN
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db

Pem = tuple[str, str]


def _pem(key: Any) -> Pem:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture(scope="module")
def rsa_key() -> Pem:
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


@pytest.fixture(autouse=True)
def _no_tokens_in_memory() -> None:
    token_auth._remembered.clear()


@pytest.fixture
def client_grant(record: RunningRecord, connect: Make) -> Make:
    """A connection by client credentials to a record that holds one order and takes no other credentials."""
    record.control.add_order("WO-1")
    record.control.credentials.forms = frozenset({"oauth"})
    given = {"token_url": f"{record.url}/oauth/token", "client_id": CLIENT[0], "client_secret": CLIENT[1]}

    def make(**values: Any) -> Connection:
        credentials = given | values.pop("credentials", {})
        return connect(**{"auth_kind": AuthKind.OAUTH2_CLIENT} | values, credentials=credentials)

    return make


def ask(connection: Connection) -> str:
    fresh = Connection.objects.get(pk=connection.pk)
    status: str = services.open_client(fresh).request("GET", "/api/orders/WO-1").json()["status"]
    return status


def issued(record: RunningRecord) -> int:
    return record.control.credentials.tokens_issued


@pytest.mark.parametrize("client_auth", ["basic", "body"])
def test_client_credentials_are_exchanged_once(client_auth: str, client_grant: Make, record: RunningRecord) -> None:
    connection = client_grant(credentials={"client_auth": client_auth})

    assert [ask(connection), ask(connection)] == ["open", "open"]

    assert issued(record) == 1


def test_another_process_uses_the_token_that_is_kept(client_grant: Make, record: RunningRecord) -> None:
    connection = client_grant()
    ask(connection)
    token_auth._remembered.clear()

    ask(connection)

    assert issued(record) == 1
    with database.cursor() as cursor:
        cursor.execute("SELECT token_cache FROM connections_connection")
        assert "access" not in cursor.fetchone()[0]


def test_a_token_that_is_refused_is_renewed_once(client_grant: Make, record: RunningRecord) -> None:
    connection = client_grant()
    ask(connection)
    record.control.credentials.expire_tokens()

    assert ask(connection) == "open"

    assert issued(record) == 2
    connection.refresh_from_db()
    assert connection.health == Health.OK


def test_after_a_renewal_by_another_worker_nobody_signs_in_again(client_grant: Make, record: RunningRecord) -> None:
    connection = client_grant()
    ask(connection)
    stale = dict(token_auth._remembered)
    record.control.credentials.expire_tokens()
    ask(connection)
    token_auth._remembered.update(stale)

    assert ask(connection) == "open"

    assert issued(record) == 2


def test_a_token_is_renewed_a_minute_before_it_ends(
    client_grant: Make, record: RunningRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = client_grant()
    ask(connection)
    started = clock.now()

    for minutes, tokens in ((58, 1), (59.5, 2)):
        monkeypatch.setattr(clock, "now", lambda passed=minutes: started + timedelta(minutes=passed))
        ask(connection)
        assert issued(record) == tokens


def test_tokens_that_are_never_accepted_end_in_auth_failed(client_grant: Make, record: RunningRecord) -> None:
    record.control.credentials.forms = frozenset()
    connection = client_grant()

    with pytest.raises(AuthFailed):
        ask(connection)

    assert issued(record) == 2
    connection.refresh_from_db()
    assert connection.health == Health.AUTH_FAILED


def test_a_refused_sign_in_is_noted_and_not_repeated_at_once(client_grant: Make, record: RunningRecord) -> None:
    connection = client_grant(credentials={"client_secret": "wrong-client-secret"})

    for _ in range(3):
        with pytest.raises(AuthFailed, match="Signing in failed"):
            ask(connection)

    assert record.control.state.log.total == 1
    connection.refresh_from_db()
    assert connection.health == Health.AUTH_FAILED
    assert "wrong-client-secret" not in connection.health_note


def test_new_credentials_are_tried_at_once(client_grant: Make) -> None:
    connection = client_grant(credentials={"client_secret": "wrong"})
    with pytest.raises(AuthFailed):
        ask(connection)

    connection.refresh_from_db()
    connection.credentials |= {"client_secret": CLIENT[1]}
    connection.save()

    assert ask(connection) == "open"


def test_a_token_address_that_is_down_is_tried_again_later(client_grant: Make, record: RunningRecord) -> None:
    record.control.fault("status", path="/oauth/token", status=503, times=1)
    connection = client_grant()

    with pytest.raises(TransientError):
        ask(connection)

    assert ask(connection) == "open"


def test_capture_mode_signs_in_all_the_same(client_grant: Make, settings: Settings) -> None:
    settings.OUTBOUND = "capture"

    assert ask(client_grant()) == "open"


def test_off_means_no_sign_in_either(client_grant: Make, record: RunningRecord, settings: Settings) -> None:
    settings.OUTBOUND = "off"

    with pytest.raises(OutboundOff):
        ask(client_grant())

    assert record.control.state.log.total == 0


@pytest.mark.parametrize("rotating", [True, False])
def test_a_refresh_token_is_followed_wherever_it_goes(
    rotating: bool, client_grant: Make, record: RunningRecord
) -> None:
    record.control.credentials.rotate_refresh_tokens = rotating
    connection = client_grant(auth_kind=AuthKind.REFRESH_TOKEN, credentials={"refresh_token": REFRESH_TOKEN})

    for _ in range(3):
        assert ask(connection) == "open"
        record.control.credentials.expire_tokens()
        token_auth._remembered.clear()

    assert issued(record) == 3
    connection.refresh_from_db()
    kept = connection.token_cache["token"]["refresh_token"]
    assert {kept} == record.control.credentials.refresh_tokens
    assert (kept != REFRESH_TOKEN) == rotating


def test_a_refused_refresh_keeps_the_token_it_was_refused_for(client_grant: Make, record: RunningRecord) -> None:
    record.control.credentials.rotate_refresh_tokens = True
    connection = client_grant(auth_kind=AuthKind.REFRESH_TOKEN, credentials={"refresh_token": REFRESH_TOKEN})
    ask(connection)
    connection.refresh_from_db()
    before = connection.token_cache["token"]["refresh_token"]
    record.control.credentials.expire_tokens()
    record.control.fault("status", path="/oauth/token", status=400, times=1)

    with pytest.raises(AuthFailed):
        ask(connection)

    connection.refresh_from_db()
    assert connection.token_cache["token"]["refresh_token"] == before


@pytest.mark.parametrize("key_id", ["", "key-7"])
def test_an_assertion_signed_with_our_key_lets_us_in(
    key_id: str, rsa_key: Pem, client_grant: Make, record: RunningRecord
) -> None:
    record.control.credentials.jwt_keys = {"fieldport": rsa_key[1]}
    record.control.credentials.jwt_audience = f"{record.url}/oauth/token"
    given = {"issuer": "fieldport", "private_key": rsa_key[0], "key_id": key_id, "client_id": "", "client_secret": ""}

    assert ask(client_grant(auth_kind=AuthKind.JWT_BEARER, credentials=given)) == "open"


def test_an_assertion_says_what_was_entered() -> None:
    private, public = _pem(ec.generate_private_key(ec.SECP256R1()))
    given = {"issuer": "us", "subject": "them", "audience": "https://a", "scope": "x y", "key_id": "k"}
    account = Account(1, "p", AuthKind.JWT_BEARER, credentials={**given, "private_key": private, "algorithm": "ES256"})

    text = grants.assertion(account)

    claims = jwt.decode(text, public, algorithms=["ES256"], audience="https://a")
    assert {name: claims[name] for name in ("iss", "sub", "scope")} == {"iss": "us", "sub": "them", "scope": "x y"}
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert jwt.get_unverified_header(text)["kid"] == "k"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_key_that_cannot_sign_says_so_without_showing_it(algorithm: str) -> None:
    account = Account(1, "p", AuthKind.JWT_BEARER, credentials={"private_key": "no key", "algorithm": algorithm})

    with pytest.raises(AuthFailed, match=algorithm) as caught:
        grants.assertion(account)

    assert "no key" not in str(caught.value)


def test_the_address_may_come_with_the_token(record: RunningRecord, connect: Make, settings: Settings) -> None:
    record.control.add_order("WO-1")

    def answer(seen: Seen) -> Reply:
        token = record.control.credentials._issue()["access_token"]
        return Reply(body=f'{{"access_token": "{token}", "instance_url": "{record.url}"}}'.encode())

    with serving(answer) as server:
        settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, f"127.0.0.1:{server.port}"]
        given = {"token_url": server.url, "client_id": "c", "client_secret": "s"}
        connection = connect(base_url="", auth_kind=AuthKind.OAUTH2_CLIENT, credentials=given)

        assert ask(connection) == "open"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"access_token": ""}', b'{"access_token": 7}', b"[" * 99999])
def test_an_answer_without_a_token_is_a_failed_sign_in(body: bytes, connect: Make, settings: Settings) -> None:
    with serving(lambda seen: Reply(body=body)) as server:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
        given = {"token_url": server.url, "client_id": "c", "client_secret": "s"}
        connection = connect(auth_kind=AuthKind.OAUTH2_CLIENT, credentials=given)

        with pytest.raises(AuthFailed, match="without an access_token"):
            ask(connection)


def test_a_platform_may_sign_in_its_own_way(
    record: RunningRecord, connect: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.control.add_order("WO-1")
    signed_in: list[int] = []

    def sign_in(account: Account, known: Token | None) -> Token:
        signed_in.append(account.connection_id)
        return Token(record.control.credentials._issue()["access_token"])

    monkeypatch.setattr(registry, "_platforms", {})
    register("generic", lambda account: TokenAuth(account, fetch=sign_in))
    connection = connect(auth_kind=AuthKind.PLATFORM)

    assert [ask(connection), ask(connection)] == ["open", "open"]
    assert signed_in == [connection.pk]


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_burn_a_rotating_refresh_token(client_grant: Make, record: RunningRecord) -> None:
    record.control.credentials.rotate_refresh_tokens = True
    record.control.fault("slow", path="/oauth/token", delay=0.3)
    connection = client_grant(auth_kind=AuthKind.REFRESH_TOKEN, credentials={"refresh_token": REFRESH_TOKEN})
    answers: list[str] = []

    def work() -> None:
        try:
            answers.append(ask(connection))
        finally:
            database.close()

    _together([work] * 4)

    assert answers == ["open"] * 4
    assert issued(record) == 1


def _together(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
