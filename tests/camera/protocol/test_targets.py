"""Where a visit may go back to."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.protocol.targets import Allowed, Refused, TargetRefused, check_callback, judge, read_target
from tests.camera.protocol.redirects import ATTEMPTS, DEFAULT, ENTRIES, FRIENDS
from tests.camera.protocol.texts import ANY_TEXT

PIECES = st.sampled_from([
    "https:", "http:", "fsmapp:", "javascript:", "//", "/", "\\", "@", ":", "?", "#", "%2e", "%2f", "..", ".", ";", "[",
    "]", "fsm.example.com", "forms.example.com", "/jobs", "evil.org", ":443", ":8443", " ", "\t", "\n", "\uff45",
    "\u3002", "\u202e", "a=b&",
])  # fmt: skip
ADDRESSES = st.lists(PIECES | st.text(max_size=2), max_size=9).map("".join)


@pytest.mark.parametrize("uri", ATTEMPTS, ids=ascii)
def test_a27_an_attempt_at_an_open_redirect_is_refused(uri: str) -> None:
    found = judge(uri, default=DEFAULT, entries=ENTRIES)

    assert isinstance(found, Refused)
    assert found.reason.startswith("callback ")
    assert len(found.reason) <= 300


@pytest.mark.parametrize("uri", FRIENDS)
def test_an_allowed_address_passes_as_it_came(uri: str) -> None:
    assert judge(uri, default=DEFAULT, entries=ENTRIES) == Allowed(uri)


def test_there_are_enough_attempts() -> None:
    assert len(set(ATTEMPTS)) >= 120


@pytest.mark.parametrize(
    ("uri", "reason", "entry"),
    [
        ("https://x.example.org/a?b", "callback host x.example.org is not allowed", "https://x.example.org"),
        (
            "https://FSM.example.com:81/",
            "callback host fsm.example.com:81 is not allowed",
            "https://fsm.example.com:81",
        ),
        (
            "http://fsm.example.com/",
            "callback scheme http: on fsm.example.com is not allowed",
            "http://fsm.example.com",
        ),
        (
            "https://forms.example.com/admin",
            "callback path /admin on forms.example.com is not allowed",
            "https://forms.example.com",
        ),
        ("otherapp://job", "callback scheme otherapp: is not allowed", "otherapp:"),
        ("javascript:alert(1)", "callback scheme javascript: is never allowed", ""),
        ("https://a@fsm.example.com", "callback is malformed: It has a user name or password", ""),
        ("/jobs/1", "callback is malformed: It does not begin with a scheme, such as https:", ""),
    ],
)
def test_a_refusal_says_why_and_what_would_have_to_be_listed(uri: str, reason: str, entry: str) -> None:
    assert judge(uri, default=DEFAULT, entries=ENTRIES) == Refused(reason, entry)


@pytest.mark.parametrize(
    "uri", ["https://x.example.org/a", "otherapp://job", "https://[2001:DB8::1]:9/x", "http://fsm.example.com/"]
)
def test_listing_the_named_entry_allows_the_address(uri: str) -> None:
    refused = judge(uri, default=DEFAULT)
    assert isinstance(refused, Refused)

    assert judge(uri, default=DEFAULT, entries=[refused.entry]) == Allowed(uri)


def test_the_defaults_own_host_or_scheme_is_allowed_whatever_the_list_says() -> None:
    assert judge("https://fsm.example.com/other", default=DEFAULT) == Allowed("https://fsm.example.com/other")
    assert judge("fieldapp://x", default="FieldApp://home") == Allowed("fieldapp://x")
    assert isinstance(judge("https://fsm.example.com/", default="fieldapp://home"), Refused)
    assert isinstance(judge("https://fsm.example.com/", default="not an address"), Refused)


def test_a26_a_registered_custom_scheme_is_allowed_and_another_is_not() -> None:
    assert judge("fsmapp:///job/1", default=DEFAULT, entries=["fsmapp:"]) == Allowed("fsmapp:///job/1")
    assert isinstance(judge("fsmapp:///job/1", default=DEFAULT), Refused)


def test_the_compatibility_switch_opens_https_and_nothing_else() -> None:
    def judged(uri: str) -> Allowed | Refused:
        return judge(uri, default=DEFAULT, entries=["fsmapp:"], any_https=True)

    assert judged("https://anyone.example.org/x?y") == Allowed("https://anyone.example.org/x?y")
    assert judged("fsmapp://job") == Allowed("fsmapp://job")
    for uri in ["http://anyone.example.org", "otherapp://job", "javascript:alert(1)", "https://a@b.example.org",
                "https://b.example.org\\", "https://b\u3002example.org", "https://0x7f.1/"]:  # fmt: skip
        assert isinstance(judged(uri), Refused), uri


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        (" https://h.example.org ", "https://h.example.org/x"),
        ("https://h.example.org/", "https://h.example.org/x"),
        ("https://H.example.org:443/a/", "https://h.example.org/a"),
        ("fsmapp://", "fsmapp:x"),
        ("fsmapp:///", "fsmapp:x"),
    ],
)
def test_an_entry_may_be_written_in_several_ways(entry: str, covered: str) -> None:
    assert judge(covered, default=DEFAULT, entries=[entry]) == Allowed(covered)


@pytest.mark.parametrize("entry", [
    "", "*", "https://*", "https://*.example.org", "h.example.org", "javascript:", "data:", "https://a@h.example.org",
    "https://h.example.org/a?b", "https://h.example.org/#", "https://h.example.org/a/../b", "fsmapp://job",
    "https://münchen.example",
])  # fmt: skip
def test_an_entry_that_cannot_be_meant_is_refused_and_allows_nothing(entry: str) -> None:
    with pytest.raises(TargetRefused):
        read_target(entry)

    assert isinstance(judge("https://h.example.org/a", default=DEFAULT, entries=[entry]), Refused)
    assert isinstance(judge(entry, default=DEFAULT, entries=[entry]), Refused)


@pytest.mark.parametrize("uri", ["https://fsm.example.com/home", "fsmapp://home", "http://10.0.0.1:8080/"])
def test_a19_a_default_callback_is_judged_by_itself(uri: str) -> None:
    assert check_callback(uri) == Allowed(uri)


@pytest.mark.parametrize("uri", ["", "home", "data:x", "https://", "https://a@b/"])
def test_a_default_callback_that_nobody_should_follow_is_refused(uri: str) -> None:
    assert isinstance(check_callback(uri), Refused)


@given(ADDRESSES)
def test_what_is_allowed_reads_alike_elsewhere(uri: str) -> None:
    found = judge(uri, default=DEFAULT, entries=ENTRIES)

    if isinstance(found, Allowed):
        parts = urlsplit(uri)
        assert parts.scheme == "fsmapp" or parts.hostname in {
            "fsm.example.com", "forms.example.com", "ops.example.com", "localhost"
        }  # fmt: skip


@given(ANY_TEXT, ANY_TEXT, st.booleans())
def test_any_text_is_judged(uri: str, entry: str, any_https: bool) -> None:
    found = judge(uri, default=entry, entries=[entry], any_https=any_https)

    assert isinstance(found, Allowed | Refused)
