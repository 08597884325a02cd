"""`make run HTTPS=1`: certificates for the addresses of this machine, made anew when those change."""

from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import segno

from portal.settings.running import RunOptions
from portal.supervisor import certificates, ports
from portal.supervisor.errors import StartRefused
from portal.supervisor.programs import public_url


def authority(options: RunOptions) -> Path | None:
    """Return the file of the authority that signs for this machine; None without HTTPS=1."""
    return certificates.files_of(options.data_dir).authority if options.https else None


def check_network(options: RunOptions) -> None:
    """:raises StartRefused: if no phone could reach this machine, or its two ports are one"""
    if options.https_port == options.port:
        raise StartRefused(
            f"PORT and HTTPS_PORT are both {options.port}. Choose another: make run HTTPS=1 HTTPS_PORT=…"
        )
    if options.host in ports.EVERYWHERE and ports.lan_address() == "127.0.0.1":
        raise StartRefused(
            "HTTPS=1 is for phones in the same network, and this machine is in none. Connect it to the Wi-Fi of the "
            "phones, or serve this machine alone: make run HTTPS=1 HOST=127.0.0.1"
        )


def have_certificates(options: RunOptions) -> bool:
    """Make what is missing; tell whether phones must trust a new authority. :raises StartRefused:"""
    files = certificates.files_of(options.data_dir)
    return certificates.ensure(files, names=_names(options), now=datetime.now(UTC))


def has_moved(options: RunOptions) -> bool:
    """Tell whether the network knows this machine by an address now for which there is no certificate."""
    if options.host not in ports.EVERYWHERE or (now_at := ports.lan_address()) == "127.0.0.1":
        return False
    return not certificates.covers(certificates.files_of(options.data_dir), [now_at], now=datetime.now(UTC))


def invitation(options: RunOptions, *, fresh: bool) -> str:
    """Return what a phone needs: the two addresses, each with a code for its camera."""
    files = certificates.files_of(options.data_dir)
    shown, door = public_url(options), door_url(options)
    first = "Once for each phone: let it trust this installation" + (" (the authority is new)" if fresh else "")
    return (
        f"\n  {first}: {door}\n{_code(door)}\n"
        f"  Fingerprint (SHA-256), which the phone shows too:\n    {certificates.fingerprint(files)}\n"
        f"\n  Then open Fieldport: {shown}\n{_code(shown)}"
    )


def door_url(options: RunOptions) -> str:
    """Return the address by plain http, where the authority's certificate is to be had."""
    host = urlsplit(public_url(options)).netloc.rpartition(":")[0] or urlsplit(public_url(options)).netloc
    return f"http://{host}:{options.port}/"


def _names(options: RunOptions) -> Iterable[str]:
    given = [urlsplit(options.public_url).hostname or ""] if options.public_url else []
    wanted = [*ports.own_names(options.host), *given, *options.allowed_hosts]
    return [each.strip(".") for each in wanted if each.isascii() and each.strip(".*")]


def _code(address: str) -> str:
    """Return a QR code of half blocks, white on black whatever the terminal's colours are."""
    drawn = StringIO()
    segno.make_qr(address, error="l").terminal(drawn, border=2, compact=True)
    return "\n".join(f"    \x1b[97;40m{line}\x1b[0m" for line in drawn.getvalue().splitlines())
