"""The certificates of `make run HTTPS=1`: an authority of this installation, and what it signs for this machine.

A phone trusts the authority once. It can sign for private networks and this machine's own names only, so that its key,
if it were lost, opens nothing else on that phone.
"""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from portal.supervisor.errors import StartRefused

AUTHORITY_DAYS = 3650
# Apple's systems take 825 days at most, also below an authority that the user trusts (support.apple.com/103769).
SERVER_DAYS = 397
RENEW_DAYS = 30
PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
NAMES = ("localhost", "local")
_CLOCKS_DIFFER = timedelta(days=1)

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Files:
    """Where the certificates are: the authority's, and the server's with the authority's behind it."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "authority.crt"

    @property
    def authority_key(self) -> Path:
        return self.folder / "authority.key"

    @property
    def server(self) -> Path:
        return self.folder / "server.crt"

    @property
    def server_key(self) -> Path:
        return self.folder / "server.key"


def files_of(data_dir: Path) -> Files:
    return Files(data_dir / "tls")


def ensure(files: Files, *, names: Iterable[str], now: datetime) -> bool:
    """Have certificates that hold for these names and addresses; tell whether phones must trust a new authority.

    :raises StartRefused: if a file that is there cannot be read
    """
    wanted = list(dict.fromkeys(names))
    try:
        files.folder.mkdir(mode=0o700, exist_ok=True)
        fresh = not _authority_holds(files, wanted, now=now)
        if fresh:
            _make_authority(files, wanted, now=now)
        if fresh or not covers(files, wanted, now=now):
            _make_server(files, wanted, now=now)
    except (OSError, ValueError) as error:
        raise StartRefused(
            f"the certificates in {files.folder} cannot be read or written ({error}). Delete that directory, and new "
            "ones are made; phones then have to trust the new authority."
        ) from error
    return fresh


def covers(files: Files, names: Iterable[str], *, now: datetime) -> bool:
    """Tell whether the server's certificate is there, is the authority's, and holds for all of them for a while."""
    if not (files.server.exists() and files.server_key.exists()):
        return False
    found = _read(files.server)
    key = _read_key(files.server_key)
    held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        found.verify_directly_issued_by(_read(files.authority))
    except (ValueError, InvalidSignature):
        return False
    same = found.public_key() == key.public_key()
    return same and set(_general(names)) <= set(held) and _holds(found, now=now)


def fingerprint(files: Files) -> str:
    """Return the authority's SHA-256 as phones show it, to be compared by eye."""
    return _read(files.authority).fingerprint(hashes.SHA256()).hex(" ").upper()


def _authority_holds(files: Files, names: Iterable[str], *, now: datetime) -> bool:
    if not (files.authority.exists() and files.authority_key.exists()):
        return False
    found = _read(files.authority)
    if found.public_key() != _read_key(files.authority_key).public_key():
        raise ValueError(f"{files.authority.name} and {files.authority_key.name} do not belong together")
    allowed = found.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    return _holds(found, now=now) and all(_is_allowed(each, allowed) for each in _general(names))


def _is_allowed(name: x509.GeneralName, allowed: Iterable[x509.GeneralName]) -> bool:
    if isinstance(name, x509.IPAddress):
        inside = ip_network(name.value)
        networks = [each.value for each in allowed if isinstance(each, x509.IPAddress)]
        return any(each.version == inside.version and inside.subnet_of(each) for each in networks)  # type: ignore[arg-type]
    return any(isinstance(each, x509.DNSName) and f".{name.value}".endswith(f".{each.value}") for each in allowed)


def _holds(found: x509.Certificate, *, now: datetime) -> bool:
    return found.not_valid_before_utc <= now < found.not_valid_after_utc - timedelta(days=RENEW_DAYS)


def _make_authority(files: Files, names: Iterable[str], *, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _called(f"Fieldport on {socket.gethostname()}"[:64])
    allowed = [x509.IPAddress(ip_network(each)) for each in PRIVATE] + [x509.DNSName(each) for each in NAMES]
    own = [each for each in _general(names) if not _is_allowed(each, allowed)]
    constraints = x509.NameConstraints([*allowed, *map(_alone, own)], None)
    usage = dict.fromkeys(_USES, False) | {"key_cert_sign": True, "crl_sign": True}
    made = (
        _begun(name, name, key.public_key(), days=AUTHORITY_DAYS, now=now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _keep(files.authority_key, _pem(key))
    _keep(files.authority, made.public_bytes(serialization.Encoding.PEM))


def _alone(name: x509.GeneralName) -> x509.GeneralName:
    """Return the constraint that permits this name: for an address, a network of one."""
    return x509.IPAddress(ip_network(name.value)) if isinstance(name, x509.IPAddress) else name


def _make_server(files: Files, names: Iterable[str], *, now: datetime) -> None:
    authority, authority_key = _read(files.authority), _read_key(files.authority_key)
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    usage = dict.fromkeys(_USES, False) | {"digital_signature": True}
    made = (
        _begun(_called("Fieldport"), authority.subject, key.public_key(), days=SERVER_DAYS, now=now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _keep(files.server_key, _pem(key))
    both = (made, authority)
    _keep(files.server, b"".join(each.public_bytes(serialization.Encoding.PEM) for each in both))


_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, days: int, now: datetime
) -> x509.CertificateBuilder:
    """Valid from yesterday on: the clocks of phones differ."""
    start = now.astimezone(UTC) - _CLOCKS_DIFFER
    named = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    dated = named.not_valid_before(start).not_valid_after(start + timedelta(days=days))
    return dated.serial_number(x509.random_serial_number())


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(names: Iterable[str]) -> list[x509.GeneralName]:
    return [_one(name.strip("[]")) for name in names]


def _one(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    found = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name} is another kind of key")
    return found


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, kind, plain)


def _keep(path: Path, content: bytes) -> None:
    """Write whole or not at all, for the owner only."""
    half = path.with_suffix(f"{path.suffix}.new")
    half.unlink(missing_ok=True)
    with open(half, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
    half.replace(path)
