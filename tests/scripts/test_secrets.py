"""What a script may do with a secret, and what nobody sees of it."""

from integrations.core.answers import MASK
from integrations.scripts.secrets import Secrets, texts_in


def test_a_placeholder_is_replaced_in_every_text_of_a_request() -> None:
    secrets = Secrets("orders", {"KEY": "s3cret-value"})
    placeholder = secrets.placeholders["KEY"]

    filled = secrets.fill({"headers": {"X-Key": f"v1 {placeholder}"}, "list": [placeholder, 1, None]})

    assert filled == {"headers": {"X-Key": "v1 s3cret-value"}, "list": ["s3cret-value", 1, None]}


def test_placeholders_are_the_same_in_every_run_so_that_a_write_can_be_compared() -> None:
    first, second = (Secrets("orders", {"KEY": value}) for value in ("one-value", "another"))

    assert first.placeholders == second.placeholders


def test_a_placeholder_of_another_script_is_not_filled() -> None:
    own, other = Secrets("orders", {"KEY": "mine-mine"}), Secrets("notes", {"KEY": "theirs-theirs"})

    assert own.fill(other.placeholders["KEY"]) == other.placeholders["KEY"]
    assert not own.used_in({"text": "⟦secret:KEY⟧"})


def test_values_credentials_and_placeholders_are_masked_wherever_they_show() -> None:
    secrets = Secrets("orders", {"KEY": "s3cret-value"}, others=["token-of-connection", "abc"])

    shown = secrets.mask(
        {"a": "x s3cret-value y", "token-of-connection": ["abc"], "b": secrets.placeholders["KEY"], "n": 7}
    )

    assert shown == {"a": f"x {MASK} y", MASK: ["abc"], "b": f"{MASK}KEY{MASK}", "n": 7}


def test_a_secret_within_another_is_masked_whole() -> None:
    secrets = Secrets("orders", {"A": "abcd", "B": "abcdefgh"})

    assert secrets.mask("abcdefgh") == MASK


def test_credentials_are_found_at_any_depth() -> None:
    assert set(texts_in({"token": "a", "more": [{"key": "b"}, 3, None]})) == {"a", "b"}
