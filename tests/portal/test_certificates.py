"""The authority and the server's certificate: made once, made anew when they no longer hold."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from portal.supervisor import certificates
from portal.supervisor.certificates import Files
from portal.supervisor.errors import StartRefused

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ["localhost", "127.0.0.1", "van.local", "192.168.1.20"]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    made = Files(tmp_path / "tls")
    certificates.ensure(made, names=NAMES, now=NOON)
    return made


def _kept(files: Files) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files.folder.iterdir()}


def _server(files: Files) -> x509.Certificate:
    return x509.load_pem_x509_certificate(files.server.read_bytes())


def test_only_the_owner_may_read_the_keys(files: Files) -> None:
    assert {path.stat().st_mode & 0o777 for path in files.folder.iterdir()} == {0o600}
    assert files.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["localhost", "van.local"])
def test_a_client_that_trusts_the_authority_accepts_the_server(files: Files, name: str) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    verifier = PolicyBuilder().store(Store([authority])).time(NOON).build_server_verifier(x509.DNSName(name))

    assert verifier.verify(_server(files), []) != []


def test_a_second_time_nothing_is_made_anew(files: Files) -> None:
    before = _kept(files)

    fresh = certificates.ensure(files, names=NAMES, now=NOON + timedelta(days=200))

    assert not fresh
    assert _kept(files) == before


def test_another_address_gets_a_new_certificate_by_the_same_authority(files: Files) -> None:
    before = _kept(files)

    fresh = certificates.ensure(files, names=[*NAMES, "10.0.0.7"], now=NOON)

    assert not fresh
    assert {name for name, held in _kept(files).items() if held != before[name]} == {"server.crt", "server.key"}
    assert certificates.covers(files, ["10.0.0.7"], now=NOON)


def test_a_certificate_that_ends_soon_is_made_anew(files: Files) -> None:
    before = _server(files)

    certificates.ensure(files, names=NAMES, now=NOON + timedelta(days=380))

    assert _server(files).not_valid_after_utc > before.not_valid_after_utc
    assert _server(files).issuer == before.issuer


def test_the_server_s_certificate_is_short_enough_for_apple(files: Files) -> None:
    found = _server(files)

    assert found.not_valid_after_utc - found.not_valid_before_utc < timedelta(days=825)


def test_the_authority_cannot_vouch_for_the_internet(files: Files) -> None:
    """Its key signs for a bank; no client that trusts the authority believes it."""
    key = serialization.load_pem_private_key(files.authority_key.read_bytes(), None)
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    held = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificates._make_server(files, ["bank.example"], now=NOON)
    verifier = PolicyBuilder().store(Store([authority])).time(NOON).build_server_verifier(x509.DNSName("bank.example"))

    with pytest.raises(VerificationError, match="constraint"):
        verifier.verify(_server(files), [])

    assert held.critical
    assert x509.IPAddress(ip_network("0.0.0.0/0")) not in (held.value.permitted_subtrees or [])


def test_an_address_that_the_authority_may_not_vouch_for_makes_a_new_one_and_says_so(files: Files) -> None:
    before = certificates.fingerprint(files)

    fresh = certificates.ensure(files, names=[*NAMES, "203.0.113.9"], now=NOON)

    assert fresh
    assert certificates.fingerprint(files) != before
    assert not certificates.ensure(files, names=[*NAMES, "203.0.113.9"], now=NOON)


def test_what_a_kill_left_half_is_made_whole(files: Files) -> None:
    files.server.unlink()
    (files.folder / "server.crt.new").write_bytes(b"half")

    assert not certificates.ensure(files, names=NAMES, now=NOON)

    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(files.server, files.server_key)


def test_a_key_and_a_certificate_of_two_makings_are_not_served(files: Files) -> None:
    other = Files(files.folder.parent / "other")
    certificates.ensure(other, names=NAMES, now=NOON)
    files.server_key.write_bytes(other.server_key.read_bytes())

    certificates.ensure(files, names=NAMES, now=NOON)

    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(files.server, files.server_key)


def test_files_that_cannot_be_read_are_refused_with_a_way_out(files: Files) -> None:
    files.authority.write_text("not a certificate")
    before = _kept(files)

    with pytest.raises(StartRefused, match="Delete that directory"):
        certificates.ensure(files, names=NAMES, now=NOON)

    assert _kept(files) == before
