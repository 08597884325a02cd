"""What mappings and scripts may use: every named field is there, plain JSON, and right."""

import json
from typing import Any

import jmespath
import pytest

from integrations.core.platforms import ContextKind, context_kind
from integrations.platforms.worklink.models import CallSession, ScenarioSession
from tests.platforms.worklink.house import House

KEY = {"work_order_id": "WO-000981", "ctx": {"line": "3"}, "serials": ["SN-11", "SN-12"]}


def load(source_type: str, pk: int) -> dict[str, Any]:
    loaded = context_kind(source_type).load(str(pk))
    return dict(json.loads(json.dumps(loaded)))


def paths_missing(kind: ContextKind, loaded: dict[str, Any]) -> list[str]:
    found = []
    for field in kind.fields:
        where: Any = loaded
        for name in field.path.split("."):
            if not isinstance(where, dict) or name not in where:
                found.append(field.path)
                break
            where = where[name]
    return found


def test_a_session_offers_its_facts_answers_and_link_data(house: House) -> None:
    session = house.cms.start_session(KEY)
    house.cms.view_steps(session, count=2)
    house.cms.answer(session, prompt="Leak?", value_type="TEXT", value="none")
    house.cms.answer(session, prompt="Parts", value_type="MULTI_OPTION", value=["seal", "ring"])
    house.cms.view_steps(session, count=3)
    house.cms.take_photo(session)
    house.cms.advance_clock(60 * 7)
    house.cms.finish_session(session)
    house.work()

    context = load("worklink.session", house.session().pk)

    assert not paths_missing(context_kind("worklink.session"), context)
    facts = context["session"]
    assert (facts["id"], facts["outcome"], facts["percent"], facts["minutes"]) == (session, "completed", 100, 7)
    assert (facts["user"], facts["users"], facts["scenario"]) == ("Ada Fischer", ["Ada Fischer"], "Pump inspection")
    assert [(each["prompt"], each["value"]) for each in facts["answers"]] == [
        ("Leak?", "none"),
        ("Parts", ["seal", "ring"]),
    ]
    assert facts["answers_text"].splitlines()[1].endswith("Parts: seal, ring")
    assert facts["photos"] == 1
    assert context["answer"] == {"Leak?": "none", "Parts": ["seal", "ring"]}
    assert jmespath.search("externalData.ctx.line", context) == "3"
    assert context["order"]["external_id"] == "WO-000981"
    assert context["connection"]["slug"] == "worklink"


def test_event_data_that_comes_as_text_gives_the_same_answers(house: House) -> None:
    house.cms.set_settings(event_data_as_string=True)
    session = house.cms.start_session(KEY)
    house.cms.answer(session, prompt="Leak?", value="none")
    house.cms.answer(session, value_type="CHECKBOX", prompt="Safe", value=True)
    house.work()

    assert load("worklink.session", house.session().pk)["answer"] == {"Leak?": "none", "Safe": True}


def test_the_latest_finished_session_of_the_order_is_offered_beside_each(house: House) -> None:
    first = house.run_session(KEY)
    house.work()
    house.cms.advance_clock(600)
    second = house.cms.start_session(KEY)
    house.cms.view_steps(second, count=2)
    house.cms.exit_session(second)
    third = house.cms.start_session(KEY)
    house.work()

    for resource_id in (first, second, third):
        row = ScenarioSession.objects.get(resource_id=resource_id)
        context = load("worklink.session", row.pk)
        assert context["session"]["id"] == resource_id
        assert (context["latest"]["id"], context["latest"]["outcome"]) == (second, "incomplete")


def test_a_session_without_an_order_has_an_empty_one(house: House) -> None:
    house.run_session({})
    house.work()

    context = load("worklink.session", house.session().pk)

    assert not paths_missing(context_kind("worklink.session"), context)
    assert context["order"]["external_id"] == ""


@pytest.mark.parametrize(("connects", "outcome", "minutes"), [(True, "connected", 12), (False, "unanswered", 0)])
def test_a_call_offers_its_facts(house: House, connects: bool, outcome: str, minutes: int) -> None:
    call = house.cms.start_call({"service_request_id": "C-1"})
    if connects:
        house.cms.connect_call(call)
    house.cms.advance_clock(12 * 60)
    house.cms.end_call(call)
    house.work()

    context = load("worklink.call", CallSession.objects.get().pk)

    assert not paths_missing(context_kind("worklink.call"), context)
    facts = context["call"]
    assert (facts["outcome"], facts["minutes"], facts["caller"]) == (outcome, minutes, "Ada Fischer")
    assert facts["people"] == (["Ada Fischer", "Dmitri Orlov"] if connects else ["Ada Fischer"])


def test_a_call_without_any_of_the_inferred_fields_is_kept(house: House) -> None:
    gone = ("connectedAt", "endedAt", "duration", "participants", "attachments", "createdBy", "state", "startedAt")
    house.cms.set_settings(removed_fields=tuple(f"CallSession.{name}" for name in gone))
    call = house.cms.start_call({"service_request_id": "C-1"})
    house.cms.end_call(call)
    house.work()

    context = load("worklink.call", CallSession.objects.get().pk)

    assert not paths_missing(context_kind("worklink.call"), context)
    assert context["order"]["external_id"] == "C-1"
    assert set(house.now().probe["missing"]) == {f"CallSession.{name}" for name in gone}
