"""What `make run HTTPS=1` decides before anything starts."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from portal.settings.running import RunOptions
from portal.supervisor import certificates, encrypted, ports, programs
from portal.supervisor.errors import StartRefused
from portal.supervisor.programs import Simulators

LIGHT = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    return RunOptions(
        host="0.0.0.0",
        port=8000,
        https=True,
        https_port=8443,
        data_dir=tmp_path,
        demo=False,
        web_processes=0,
        worker_processes=2,
        database_url="",
        redis_url="",
        public_url="",
        allowed_hosts=[],
        outbound_allow=[],
        keys_given=frozenset(),
    )


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put the machine into a network: what its interfaces say is not ours."""

    def put(*addresses: str, routed: str = "") -> None:
        monkeypatch.setattr(ports, "_addresses", lambda: list(addresses))
        monkeypatch.setattr(ports, "_routed", lambda: routed)

    return put


def _scanned(text: str) -> list[str]:
    """Read the codes that a terminal shows, as a phone does."""
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    lines = [line.strip("\n")[4:] for line in bare if line.strip() and set(line[4:]) <= set(LIGHT)]
    height = len(lines) // 2
    return [_scan(lines[:height]), _scan(lines[height:])]


def _scan(lines: list[str]) -> str:
    picture = Image.new("L", (len(lines[0]), 2 * len(lines)), 255)
    for y, line in enumerate(lines):
        for x, drawn in enumerate(line):
            for half, shade in enumerate(LIGHT[drawn]):
                picture.putpixel((x, 2 * y + half), shade)
    bigger = picture.resize((picture.width * 6, picture.height * 6), Image.Resampling.NEAREST)
    [found] = zxingcpp.read_barcodes(bigger)
    return found.text


def test_the_codes_in_the_terminal_lead_to_the_certificate_and_to_fieldport(
    options: RunOptions, at: Callable[..., None]
) -> None:
    at("172.17.0.1", "192.168.1.20", routed="192.168.1.20")
    encrypted.have_certificates(options)

    assert _scanned(encrypted.invitation(options, fresh=True)) == [
        "http://192.168.1.20:8000/",
        "https://192.168.1.20:8443",
    ]


def test_a_machine_in_no_network_is_told_what_to_do(options: RunOptions, at: Callable[..., None]) -> None:
    at()

    with pytest.raises(StartRefused, match="make run HTTPS=1 HOST="):
        encrypted.check_network(options)

    encrypted.check_network(replace(options, host="127.0.0.1"))
    assert list(options.data_dir.iterdir()) == []


def test_one_port_for_both_is_refused(options: RunOptions, at: Callable[..., None]) -> None:
    at(routed="192.168.1.20")

    with pytest.raises(StartRefused, match="HTTPS_PORT"):
        encrypted.check_network(replace(options, https_port=8000))


def test_a_hotspot_without_a_route_to_the_world_is_a_network(options: RunOptions, at: Callable[..., None]) -> None:
    at("10.42.0.1")

    encrypted.check_network(options)

    assert programs.public_url(options) == "https://10.42.0.1:8443"


def test_a_certificate_is_missed_only_when_the_network_knows_another_address(
    options: RunOptions, at: Callable[..., None]
) -> None:
    at("192.168.1.20", routed="192.168.1.20")
    encrypted.have_certificates(options)
    moved = [encrypted.has_moved(options)]
    at()
    moved.append(encrypted.has_moved(options))  # asleep, or between two networks
    at("10.0.0.5", routed="10.0.0.5")
    moved.append(encrypted.has_moved(options))

    assert moved == [False, False, True]
    assert not encrypted.have_certificates(options)
    assert not encrypted.has_moved(options)


def test_names_that_were_given_are_in_the_certificate(options: RunOptions, at: Callable[..., None]) -> None:
    at(routed="192.168.1.20")
    given = replace(options, public_url="https://fieldport.lan:8443", allowed_hosts=["fieldport.lan", "*", "van"])
    encrypted.have_certificates(given)

    files = certificates.files_of(options.data_dir)
    assert certificates.covers(files, ["fieldport.lan", "van", "127.0.0.1"], now=datetime.now(UTC))
    assert encrypted.door_url(given) == "http://fieldport.lan:8000/"


def test_the_simulators_send_by_https_and_trust_this_authority(options: RunOptions, at: Callable[..., None]) -> None:
    at(routed="192.168.1.20")
    made = Simulators(1, 2)

    program = programs.simulator_program(options, {}, made, webhook_url="https://127.0.0.1:8443/hooks/x/")
    prepared = programs.preparation(options, {}, made)

    assert program.environment["SSL_CERT_FILE"] == str(options.data_dir / "tls" / "authority.crt")
    assert prepared.command[-1] == "https://127.0.0.1:8443"
