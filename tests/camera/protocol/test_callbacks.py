"""The way back, character by character."""

import base64
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.camera.protocol.callbacks import (
    MOST_CHARACTERS,
    RESERVED,
    CallbackRules,
    ParameterRefused,
    Results,
    build,
    check_messages_parameter,
)
from integrations.camera.protocol.leaving import Left
from integrations.camera.protocol.messages import Message, in_callback
from integrations.camera.protocol.query import read_query
from integrations.camera.protocol.targets import Allowed, Refused, judge
from integrations.camera.protocol.verdicts import Status
from tests.camera.protocol.texts import ANY_TEXT

ORDER = UUID("7f0c0000-0000-4000-8000-000000000000")
ITEM = UUID("a91e0000-0000-4000-8000-000000000000")
INPUT = UUID("c3d40000-0000-4000-8000-000000000000")
KO = Results(Left(Status.KO, 50, INPUT), ORDER, ITEM, state="eyJzdGVwIjoiQSJ9")
CANCELED = Results(Left(Status.CANCELED), ORDER, ITEM, state="S")
BLUR = Message("warning", "BLUR", "The photo is blurry")
DARK = Message("error", "TOO_DARK", "Not enough light")
IDS = f"work_order_id={ORDER}&work_item_id={ITEM}"
ALL = f"{IDS}&input_id={INPUT}&status=analysis_ko&work_item_score=50&state=eyJzdGVwIjoiQSJ9"
HOST = "https://fsm.example.com"

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FOREIGN = st.tuples(TEXTS.filter(lambda name: name not in RESERVED | {"error"}), TEXTS)
STATES = st.none() | TEXTS
SAID = st.lists(st.builds(Message, ANY_TEXT, ANY_TEXT, ANY_TEXT))


def parameters(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def query_of(url: str) -> dict[str, str]:
    return parameters(urlsplit(url).query)


def test_the_contracts_example_is_built() -> None:
    assert build(f"{HOST}/jobs/1042?tab=photos", KO).url == f"{HOST}/jobs/1042?tab=photos&{ALL}"


def test_a19_without_an_allowed_callback_the_default_is_built_upon() -> None:
    default = f"{HOST}/home"
    sent = read_query("callback_URI=https%3A%2F%2Fevil.example.org%2F").callback

    judged = judge(sent, default=default)
    target = judged.uri if isinstance(judged, Allowed) else default

    assert isinstance(judged, Refused)
    assert build(target, KO).url == f"{default}?{ALL}"


@pytest.mark.parametrize(
    "query",
    ["tab=photos", "a=1&b=2&a=3", "a", "a=", "=b", "q=%2B+%20%zz&é=ü", "a=b=c", "a=1;b=2", "x[]=1", "next=https://x/?status=1",
     "Status=1", "status_x=1", "a=%26status%3D1"],
)  # fmt: skip
def test_a20_the_targets_own_parameters_are_kept_as_they_are(query: str) -> None:
    built = build(f"{HOST}/jobs?{query}", KO)

    assert built.url == f"{HOST}/jobs?{query}&{ALL}"
    assert built.dropped == ()


@pytest.mark.parametrize(("target", "base"), [(HOST, HOST), (f"{HOST}/?", f"{HOST}/"), (f"{HOST}/x?&", f"{HOST}/x")])
def test_a20_an_empty_query_gets_no_empty_parameter(target: str, base: str) -> None:
    assert build(target, KO).url == f"{base}?{ALL}"


def test_a21_a_reserved_name_appears_once_with_our_value() -> None:
    built = build(f"{HOST}/?status=x&a=1&work_order_id=y&st%61tus=z&state=old&b=2", KO)

    assert built.url == f"{HOST}/?a=1&b=2&{ALL}"
    assert built.dropped == ("status", "work_order_id", "state")
    assert built.note == "dropped from the callback: status, work_order_id, state"


def test_a22_a_reserved_name_is_dropped_where_we_have_no_value() -> None:
    built = build(f"{HOST}/?status=x&conformity_messages=y&callback_URI=z", Results(Left(input_id=INPUT), ORDER, ITEM))

    assert built.url == f"{HOST}/?{IDS}&input_id={INPUT}"


def test_a22_nothing_to_tell_leaves_no_question_mark() -> None:
    assert build(f"{HOST}/?status=x#f", Results()).url == f"{HOST}/#f"


@pytest.mark.parametrize("fragment", ["frag", "/route?x=1", "a=1&b", "?", "frag?status=x"])
def test_a23_a_fragment_stays_last(fragment: str) -> None:
    assert build(f"{HOST}/jobs?a=1#{fragment}", KO).url == f"{HOST}/jobs?a=1&{ALL}#{fragment}"


@pytest.mark.parametrize("left", [Left(), KO.left, CANCELED.left, Left(input_id=INPUT), Left(Status.OK, 100, INPUT)])
@pytest.mark.parametrize(
    "state",
    [
        "S",
        "",
        "eyJzdGVwIjoiQSJ9",
        "a+b/c==",
        "+ +",
        "%2B",
        "é 好 😀",
        "a&b=c#d?e",
        "\r\n\x00",
        "'\"<>",
        "\u202e",
        "x" * 1500,
    ],
)
def test_a24_state_comes_back_character_for_character(left: Left, state: str) -> None:
    arrived = read_query("task_group_name=G&state=" + quote(state, safe="")).state

    url = build(f"{HOST}/?a=1&state=old#f", Results(left, ORDER, ITEM, state=arrived)).url

    assert query_of(url)["state"] == state
    assert unquote(url.partition("state=")[2].partition("#")[0]) == state


def test_a24_raw_base64_comes_back_encoded_and_the_same() -> None:
    raw = base64.b64encode(b"\xfb\xff\xfe>>>????").decode()
    assert set("+/=") <= set(raw)

    url = build(HOST, Results(Left(), ORDER, state=read_query(f"state={raw}").state)).url

    assert url.endswith("&state=" + raw.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"))


def test_a24_bytes_that_are_no_text_come_back_too() -> None:
    url = build(HOST, Results(state=read_query("state=%E9%00%ff").state)).url

    assert url == f"{HOST}?state=%E9%00%FF"


def test_a25_without_state_there_is_none() -> None:
    assert "state" not in build(HOST, Results(Left(Status.CANCELED), ORDER, ITEM)).url.replace("status", "")


@pytest.mark.parametrize("target", ["fsmapp:///job/1", "fsmapp://job/1", "fsmapp:job/1", "fsmapp:", "FsmApp://Job"])
def test_a26_a_custom_scheme_gets_the_results_appended(target: str) -> None:
    assert build(target, KO).url == f"{target}?{ALL}"
    assert build(f"{target}?x=1#y", KO).url == f"{target}?x=1&{ALL}#y"


def test_a29_results_go_into_the_fragment() -> None:
    rules = CallbackRules(use_fragment=True)

    assert build(f"{HOST}/jobs?a=1", KO, rules=rules).url == f"{HOST}/jobs?a=1#{ALL}"
    assert build(f"{HOST}/?status=x#tab=2&status=y", KO, rules=rules).url == f"{HOST}/#tab=2&{ALL}"
    assert build("fsmapp://job", KO, rules=rules).url == f"fsmapp://job#{ALL}"


def test_a30_a_cancelled_visit_has_ids_and_no_input() -> None:
    assert build(HOST, CANCELED).url == f"{HOST}?{IDS}&status=canceled_picture&state=S"


def test_a33_messages_travel_beside_the_status() -> None:
    results = Results(Left(Status.CONFORMITY, None, INPUT, (BLUR, DARK)), ORDER, ITEM)

    found = query_of(build(HOST, results).url)

    assert found["status"] == "conformity_error"
    assert found["conformity_messages"] == "warning::BLUR::The photo is blurry,error::TOO_DARK::Not enough light"
    assert "work_item_score" not in found
    assert in_callback(found) == (BLUR, DARK)


def test_a33_the_parameter_of_the_messages_can_have_another_name() -> None:
    results = Results(Left(Status.CONFORMITY, None, INPUT, (BLUR,)), ORDER, ITEM)

    built = build(f"{HOST}/?hints=x&conformity_messages=y", results, rules=CallbackRules(messages_parameter="hints"))

    assert query_of(built.url)["hints"] == "warning::BLUR::The photo is blurry"
    assert built.dropped == ("hints", "conformity_messages")


@pytest.mark.parametrize("status", [None, Status.OK, Status.KO, Status.CANCELED])
def test_a36_messages_travel_with_no_other_status(status: Status | None) -> None:
    assert "messages" not in build(HOST, Results(Left(status, messages=(BLUR,)), ORDER, ITEM)).url


@pytest.mark.parametrize("name", ["", "a b", "a=b", "1a", "é", "status", "state", "token", "error", "x" * 41])
def test_a_name_that_messages_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(ParameterRefused):
        check_messages_parameter(name)


def test_names_that_messages_can_have() -> None:
    for name in ("conformity_messages", "conformity_error", "hints"):
        assert check_messages_parameter(name) == name


def test_a44_score_0_is_present() -> None:
    assert query_of(build(HOST, Results(Left(Status.KO, 0, INPUT), ORDER, ITEM)).url)["work_item_score"] == "0"


def test_the_reason_of_a_refused_visit_is_told_by_a_setting() -> None:
    results = Results(Left(Status.CANCELED), state="S", error="unknown_task_group")
    target = f"{HOST}/?error=x"

    told = build(target, results)
    untold = build(target, results, rules=CallbackRules(error_parameter=False))

    assert told.url == f"{HOST}/?status=canceled_picture&error=unknown_task_group&state=S"
    assert untold.url == f"{HOST}/?error=x&status=canceled_picture&state=S"


def test_a_whole_orders_page_tells_its_progress() -> None:
    built = build(f"{HOST}/?progress_score=9", Results(Left(), ORDER, progress_score=0, state="S"))

    assert built.url == f"{HOST}/?work_order_id={ORDER}&progress_score=0&state=S"


def test_a28_state_and_ids_are_never_cut() -> None:
    state = "s" * 2000

    built = build(f"{HOST}/?a={'x' * 100}", Results(KO.left, ORDER, ITEM, state=state))

    assert built.too_long
    assert built.note == "longer than 2047 characters"
    assert query_of(built.url)["state"] == state
    assert len(query_of(built.url)) == 7


def test_messages_are_left_out_from_the_end_where_it_is_too_long() -> None:
    messages = tuple(Message("error", f"CODE_{number}", "x" * 100) for number in range(20))
    results = Results(Left(Status.CONFORMITY, 0, INPUT, messages), ORDER, ITEM, state="s" * 500)

    built = build(HOST, results)

    kept = in_callback(query_of(built.url))
    assert kept == messages[: len(kept)]
    assert 0 < len(kept) < 20
    assert built.messages_dropped == 20 - len(kept)
    assert MOST_CHARACTERS - 150 < len(built.url) <= MOST_CHARACTERS
    assert not built.too_long
    assert query_of(built.url)["state"] == "s" * 500


def test_all_messages_may_have_to_go() -> None:
    results = Results(Left(Status.CONFORMITY, 0, INPUT, (BLUR, DARK)), ORDER, ITEM, state="s" * 2040)

    built = build(HOST, results)

    assert (built.messages_dropped, built.too_long) == (2, True)
    assert "conformity_messages" not in query_of(built.url)


def test_the_length_counts_as_a_browser_sends_it() -> None:
    assert build(f"{HOST}/?a={'é' * 400}", Results()).too_long
    assert not build(f"{HOST}/?a={'e' * 400}", Results()).too_long


@given(st.lists(FOREIGN, max_size=6), STATES, st.booleans(), st.sampled_from(["", "#f"]))
def test_no_foreign_parameter_is_lost(
    pairs: list[tuple[str, str]], state: str | None, use_fragment: bool, fragment: str
) -> None:
    own = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    results = Results(KO.left, ORDER, ITEM, state=state)

    built = build(f"{HOST}/?{own}{fragment}", results, rules=CallbackRules(use_fragment=use_fragment))

    query = urlsplit(built.url).query
    assert query == own if use_fragment else query.startswith(f"{own}&" if own else "")
    assert parse_qsl(query, keep_blank_values=True)[: len(pairs)] == pairs
    assert built.dropped == ()


@given(TEXTS, st.sampled_from([HOST, "fsmapp:///job/1?x=1#y"]), st.booleans())
def test_a24_every_state_that_arrives_comes_back(state: str, target: str, use_fragment: bool) -> None:
    arrived = read_query("state=" + quote(state, safe="")).state

    url = build(
        target, Results(KO.left, ORDER, ITEM, state=arrived), rules=CallbackRules(use_fragment=use_fragment)
    ).url

    part = url.partition("#")[2] if use_fragment else url.partition("#")[0].partition("?")[2]
    assert unquote(part.partition("state=")[2].partition("&")[0]) == state
    assert url.isascii()


@given(ANY_TEXT, st.none() | ANY_TEXT, ANY_TEXT, st.booleans(), SAID)
def test_any_text_is_built(target: str, state: str | None, error: str, use_fragment: bool, said: list[Message]) -> None:
    results = Results(Left(Status.CONFORMITY, 0, INPUT, tuple(said)), ORDER, ITEM, 5, state, error)

    assert str(ORDER) in build(target, results, rules=CallbackRules(use_fragment=use_fragment)).url
