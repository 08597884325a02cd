"""What may be a connector token."""

from contextlib import suppress

import pytest
from hypothesis import given

from integrations.camera.protocol.errors import TokenRefused
from integrations.camera.protocol.tokens import candidates, check_issued, out_of_order
from tests.camera.protocol.texts import ANY_TEXT


def test_a17_255_characters_are_a_token_and_256_are_not() -> None:
    assert check_issued("t" * 255) == "t" * 255
    assert candidates("t" * 255) == ("t" * 255,)

    for check in (check_issued, candidates):
        with pytest.raises(TokenRefused, match="this one has 256"):
            check("t" * 256)


@pytest.mark.parametrize("value", ["a&b", "&", "a b", "a\n", "é", "\x00", ""])
def test_a17_what_a_fragment_cannot_bring_is_not_issued(value: str) -> None:
    with pytest.raises(TokenRefused):
        check_issued(value)


@pytest.mark.parametrize("value", ["t", "tok_example", "a.b-c~d", "AbC/+==", "100%25", "#?!"])
def test_a_vendors_token_can_be_entered(value: str) -> None:
    assert check_issued(value) == value


def test_a_token_is_looked_up_as_it_came_and_then_decoded() -> None:
    assert candidates("ab%3D%3D") == ("ab%3D%3D", "ab==")
    assert candidates("ab==") == ("ab==",)
    assert candidates("a%26b") == ("a%26b",)


@pytest.mark.parametrize("value", ["", "a&b", "a b", "\x00", "a\u00a0"])
def test_a14_what_is_no_token_is_not_looked_up(value: str) -> None:
    with pytest.raises(TokenRefused):
        candidates(value)


def test_a15_parameters_after_the_fragment_are_noticed_and_no_token() -> None:
    assert out_of_order("T?state=S")
    assert out_of_order("T&state=S")
    assert not out_of_order("T")
    assert not out_of_order("dG9rZW4/Pz8=")
    assert candidates("T?state=S") == ("T?state=S",)


def test_a18_no_message_shows_the_token() -> None:
    with pytest.raises(TokenRefused) as refused:
        check_issued("secret&token")

    assert "secret" not in str(refused.value)


@given(ANY_TEXT)
def test_any_text_is_a_token_or_refused_by_name(value: str) -> None:
    for check in (check_issued, candidates):
        with suppress(TokenRefused):
            assert check(value)
