"""Who may call whom."""

import pytest

from integrations.platforms.worklink.contacts.matrix import callers_of, licence_of, may_call
from integrations.platforms.worklink.models import Licence

CALLING = ("GUEST", "TECH", "TECH_PLUS", "EXPERT")


@pytest.mark.parametrize(
    ("caller", "callees"),
    [("GUEST", {"EXPERT"}), ("TECH", {"EXPERT"}), ("TECH_PLUS", {"TECH_PLUS", "EXPERT"}), ("EXPERT", set(CALLING))],
)
def test_the_matrix_of_the_vendor(caller: str, callees: set[str]) -> None:
    assert {callee for callee in CALLING if may_call(caller, callee)} == callees


def test_who_has_no_licence_for_calls_calls_nobody_and_what_is_not_known_is_not_guessed() -> None:
    assert not any(may_call("VIEWER", callee) for callee in Licence.values if callee)
    assert may_call("EXPERT", "VIEWER") is False
    assert may_call("", "EXPERT") is None
    assert callers_of("TECH_PLUS") == ["TECH_PLUS", "EXPERT"]


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("Tech+", "TECH_PLUS"),
        ("tech plus", "TECH_PLUS"),
        ("TECH_PLUS", "TECH_PLUS"),
        ("Expert ", "EXPERT"),
        ("", ""),
        ("Boss", None),
    ],
)
def test_a_licence_is_read_as_people_and_servers_write_it(text: str, licence: str | None) -> None:
    assert licence_of(text) == licence
