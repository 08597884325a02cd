import datetime
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from integrations.core import network
from integrations.core.errors import PermanentError, TransientError
from integrations.core.http import OutboundClient
from integrations.core.transport import TLS, adapter_for
from tests.core.local_servers import Server, serving


@dataclass
class Issued:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def pem(self) -> str:
        encoding, encryption = serialization.Encoding.PEM, serialization.NoEncryption()
        key = self.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, encryption)
        return self.certificate_pem + key.decode()


def issued(name: str, *, by: Issued | None = None) -> Issued:
    """Make an authority, or a certificate for `name` signed by one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    return Issued(builder.sign(by.key if by else key, hashes.SHA256()), key)


AUTHORITY = issued("Test Authority")
TECHNICIAN = issued("technician", by=AUTHORITY)


@pytest.fixture
def erp(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server named erp.example on loopback that asks for a client certificate of our authority."""
    (tmp_path / "server.pem").write_text(issued("erp.example", by=AUTHORITY).pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.load_verify_locations(cadata=AUTHORITY.certificate_pem)
    context.verify_mode = ssl.CERT_REQUIRED
    monkeypatch.setattr(network, "resolve", lambda host, port: [ip_address("127.0.0.1")])
    settings.OUTBOUND = "live"
    with serving(tls=context) as server:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


def test_a_client_certificate_and_the_customers_authority_open_a_connection(erp: Server) -> None:
    tls = TLS(client_pem=TECHNICIAN.pem, authorities_pem=AUTHORITY.certificate_pem)

    answer = OutboundClient(base_url=f"https://erp.example:{erp.port}", tls=tls, timeout=5).request("GET", "/x")

    assert answer.json() == {"ok": True}


def test_an_unknown_authority_is_refused_and_nothing_is_sent(erp: Server) -> None:
    client = OutboundClient(base_url=f"https://erp.example:{erp.port}", tls=TLS(client_pem=TECHNICIAN.pem), timeout=5)
    with pytest.raises(TransientError, match=r"CERTIFICATE_VERIFY_FAILED.*Nothing was sent") as caught:
        client.request("POST", "/x")

    assert type(caught.value) is TransientError
    assert erp.seen == []


def test_a_certificate_for_another_name_is_refused(erp: Server) -> None:
    tls = TLS(client_pem=TECHNICIAN.pem, authorities_pem=AUTHORITY.certificate_pem)
    with pytest.raises(TransientError, match=r"[Hh]ostname mismatch"):
        OutboundClient(base_url=f"https://other.example:{erp.port}", tls=tls, timeout=5).request("POST", "/x")

    assert erp.seen == []


def test_our_certificate_is_not_shown_to_a_listed_host(erp: Server) -> None:
    tls = TLS(client_pem=TECHNICIAN.pem, authorities_pem=AUTHORITY.certificate_pem)
    client = OutboundClient(base_url="https://own.example", tls=tls, allow_hosts=[f"erp.example:{erp.port}"])
    with pytest.raises(TransientError):
        client.request("GET", f"https://erp.example:{erp.port}/x")

    assert erp.seen == []


@pytest.mark.parametrize(
    "tls", [TLS(client_pem="nonsense"), TLS(authorities_pem="nonsense"), TLS(client_pem=AUTHORITY.certificate_pem)]
)
def test_unreadable_pem_text_is_refused_with_what_to_enter(tls: TLS) -> None:
    with pytest.raises(PermanentError, match="PEM text"):
        adapter_for(tls)


def test_a_private_key_is_in_no_representation() -> None:
    assert "PRIVATE" not in repr(TLS(client_pem=TECHNICIAN.pem))
    assert "PRIVATE" not in repr(OutboundClient(tls=TLS(client_pem=TECHNICIAN.pem)))


def test_the_same_certificates_share_one_adapter() -> None:
    tls = TLS(client_pem=TECHNICIAN.pem)

    assert adapter_for(tls) is adapter_for(TLS(client_pem=TECHNICIAN.pem))
    assert adapter_for(tls) is not adapter_for(TLS())
