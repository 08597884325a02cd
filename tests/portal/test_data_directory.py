"""What the supervisor refuses before it starts anything, and the keys it makes."""

import socket
from pathlib import Path

import pytest

from portal.supervisor import datadir, ports
from portal.supervisor.errors import StartRefused

NONE: frozenset[str] = frozenset()


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    datadir.lay_out(tmp_path)
    datadir.ensure_keys(tmp_path, given=NONE)
    made = {path.name: path.read_text() for path in (tmp_path / "keys").iterdir()}

    datadir.ensure_keys(tmp_path, given=NONE)

    assert made == {path.name: path.read_text() for path in (tmp_path / "keys").iterdir()}
    assert set(made) == {"secret_key", "field_encryption_keys"}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_a_key_from_the_environment_is_not_made_again(tmp_path: Path) -> None:
    datadir.lay_out(tmp_path)

    datadir.ensure_keys(tmp_path, given=frozenset({"SECRET_KEY", "FIELD_ENCRYPTION_KEYS"}))

    assert list((tmp_path / "keys").iterdir()) == []


def test_a_database_without_its_key_gets_no_new_one(tmp_path: Path) -> None:
    datadir.lay_out(tmp_path)
    (tmp_path / datadir.DATABASE).touch()

    with pytest.raises(StartRefused, match="Put the key back"):
        datadir.ensure_keys(tmp_path, given=NONE)

    assert list((tmp_path / "keys").iterdir()) == []


def test_one_data_directory_is_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datadir, "LOCK_SECONDS", 0.1)
    datadir.lay_out(tmp_path)

    with datadir.lock(tmp_path), pytest.raises(StartRefused, match="another Fieldport runs"):
        datadir.lock(tmp_path)

    datadir.lock(tmp_path).close()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StartRefused, match="DATA_DIR="):
        datadir.lay_out(tmp_path / "file")


def test_a_taken_port_is_named_with_the_next_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(StartRefused, match=f"make run PORT={port + 1}"):
            ports.check_port("127.0.0.1", port)

    ports.check_port("127.0.0.1", ports.free_port())


def test_a_server_for_the_network_is_reached_under_this_machines_names() -> None:
    assert ports.own_names("127.0.0.1") == ["localhost", "127.0.0.1", "[::1]"]
    called = socket.gethostname()
    everywhere = ["localhost", "127.0.0.1", "[::1]", called, f"{called.split('.')[0]}.local", *ports.lan_addresses()]
    assert ports.own_names("0.0.0.0") == everywhere
    assert ports.own_names("192.168.7.7")[-1] == "192.168.7.7"
