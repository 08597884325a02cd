"""severity::code::message, written so that anybody can split it and read whoever wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.protocol.messages import (
    Message,
    TemplateRefused,
    check_code,
    check_template,
    in_callback,
    parse,
    write,
)
from tests.camera.protocol.texts import ANY_TEXT

BLUR = Message("warning", "BLUR", "The photo is blurry")
DARK = Message("error", "TOO_DARK", "Not enough light")
CODES = st.text("ABCabc019_.-", min_size=1, max_size=20)


def _allowed(text: str) -> bool:
    try:
        return bool(check_template(text))
    except TemplateRefused:
        return False


MESSAGES = st.lists(
    st.builds(Message, st.sampled_from(["error", "warning"]), CODES, st.text(min_size=1).filter(_allowed))
)


def test_a33_a_message_is_severity_code_and_text() -> None:
    assert write([BLUR]) == "warning::BLUR::The photo is blurry"


def test_a34_two_messages_have_one_comma_and_two_separators_each() -> None:
    text = write([BLUR, DARK])

    assert text == "warning::BLUR::The photo is blurry,error::TOO_DARK::Not enough light"
    assert [item.count("::") for item in text.split(",")] == [2, 2]


def test_a34_what_an_engine_says_cannot_break_the_list() -> None:
    text = write([Message("error", "A,B::C", "::too dark, 0,5::1\nerror::X::y"), Message("bad::", "", ","), DARK])

    assert text.count(",") == 2
    assert [item.count("::") for item in text.split(",")] == [2, 2, 2]
    assert text.startswith("error::A_B__C::too dark; 0;5:1 error:X:y,error::UNKNOWN::;,")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", ()),
        ("warning::BLUR::a, b and c", (Message("warning", "BLUR", "a, b and c"),)),
        ("error::A::x::y,WARNING::B::z", (Message("error", "A", "x::y"), Message("warning", "B", "z"))),
        ("error::A::x,y,error::B::z", (Message("error", "A", "x,y"), Message("error", "B", "z"))),
        ("info::A::x", (Message("info", "A", "x"),)),
        ("error::A::x,info::B::y", (Message("error", "A", "x,info::B::y"),)),
        ("error::A::", (Message("error", "A", ""),)),
        ("error::too dark", (Message("error", "", "too dark"),)),
        ("A::too dark", (Message("", "", "A::too dark"),)),
        ("too dark, and blurry", (Message("", "", "too dark, and blurry"),)),
        (",error::A::x", (Message("error", "A", "x"),)),
    ],
)
def test_a_list_is_read_whoever_wrote_it(text: str, messages: tuple[Message, ...]) -> None:
    assert parse(text) == messages


@pytest.mark.parametrize("text", ["", " ", "a,b", "a::b", ":a", "a\nb", "a\x00", "0,5"])
def test_a_template_that_field_apps_would_split_is_refused(text: str) -> None:
    with pytest.raises(TemplateRefused):
        check_template(text)


@pytest.mark.parametrize(
    "text", ["The photo is blurry", "Flou : reprenez la photo ;", "ratio 1:2", "{measured} < {limit}"]
)
def test_a_plain_template_passes(text: str) -> None:
    assert check_template(text) == text


@pytest.mark.parametrize("code", ["", "A B", "A,B", "A::B", "É", "A" * 65, "A\n"])
def test_a_code_that_breaks_the_grammar_is_refused(code: str) -> None:
    with pytest.raises(TemplateRefused):
        check_code(code)

    assert check_code("too_dark-1.A") == "too_dark-1.A"


@pytest.mark.parametrize(
    "parameters",
    [
        {"status": "conformity_error", "conformity_messages": write([BLUR, DARK])},
        {"status": "conformity_error", "conformity_error": write([BLUR, DARK])},
        {"status": write([BLUR, DARK])},
        {"status": "conformity_error", "hints": write([BLUR, DARK]), "conformity_messages": "error::X::y"},
    ],
)
def test_the_three_readings_of_a_callback_are_understood(parameters: dict[str, str]) -> None:
    assert in_callback(parameters, name="hints") == (BLUR, DARK)


def test_a_callback_without_messages_has_none() -> None:
    assert in_callback({"status": "analysis_ok", "conformity_messages": ""}) == ()


@given(MESSAGES)
def test_what_is_written_is_read_the_same(messages: list[Message]) -> None:
    assert parse(write(messages)) == tuple(messages)


@given(st.lists(st.builds(Message, ANY_TEXT, ANY_TEXT, ANY_TEXT)))
def test_whatever_is_written_can_be_split_naively(messages: list[Message]) -> None:
    text = write(messages)

    items = text.split(",") if messages else []
    assert len(items) == len(messages)
    assert all(len(item.split("::")) == 3 for item in items)
    text.encode()


@given(ANY_TEXT)
def test_any_text_is_read(text: str) -> None:
    assert all(isinstance(each, Message) for each in parse(text))
