"""The editor, its dry run and the versions of a script."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.core import clock
from integrations.events.models import Event
from integrations.scripts import services
from integrations.scripts.models import Script, ScriptCall, ScriptRun, ScriptValue, ScriptVersion
from integrations.scripts.pages import reference, starting
from integrations.scripts.sandbox import MOST_SOURCE
from integrations.sync.models import RecordWrite
from tests.desk.people import signed_in
from tests.scripts.conftest import House
from tests.simulators.running import RunningRecord
from tests.sync.conftest import NUMBER

pytestmark = pytest.mark.django_db

GOOD = "function run(ctx) {\n  return 1;\n}\n"
WRITES = f"""async function run(ctx) {{
  const order = (await ctx.http.get('/api/orders?number={NUMBER}')).json.items[0];
  await ctx.http.patch(`/api/orders/${{order.id}}`, {{ json: {{ status: ctx.session.state }} }});
  await ctx.store.set('seen', 1);
  ctx.log.info('sent', {{ number: order.number }});
  return order.number;
}}
"""


def url(name: str, script: Script, *more: Any) -> str:
    return reverse(f"admin:scripts_script_{name}", args=[script.pk, *more])


def make_script() -> Script:
    return Script.objects.create(slug="plain", name="Plain", event_types=["visit.updated"])


def saved(script: Script, source: str = GOOD, *, tested: bool = False) -> ScriptVersion:
    version = services.save_version(script, source, author="ada", now=clock.now())
    if tested:
        services.note_tested(version, now=clock.now())
    return version


# saving


def test_a_text_is_saved_as_the_next_version_with_author_and_note(admin_client: Client) -> None:
    script = make_script()

    answer = admin_client.post(
        url("editor", script), {"source": GOOD.replace("\n", "\r\n"), "note": "First", "_save": "1"}
    )

    version = script.versions.get()
    assert answer["Location"] == url("editor", script)
    assert (version.number, version.source, version.note, version.author) == (1, GOOD, "First", "admin")


def test_the_same_text_is_not_saved_twice(admin_client: Client) -> None:
    script = make_script()
    saved(script)

    answer = admin_client.post(url("editor", script), {"source": GOOD, "_save": "1"}, follow=True)

    assert b"newest version already" in answer.content
    assert script.versions.count() == 1


def test_no_text_is_no_version(admin_client: Client) -> None:
    script = make_script()

    answer = admin_client.post(url("editor", script), {"source": " \r\n", "_save": "1"})

    assert b"There is no text to save." in answer.content
    assert not script.versions.exists()


def test_a_text_that_is_too_long_is_refused_and_not_lost(admin_client: Client) -> None:
    script, text = make_script(), "// " + "x" * MOST_SOURCE

    answer = admin_client.post(url("editor", script), {"source": text, "_save": "1"})

    assert "at most" in str(next(iter(answer.context["messages"])))
    assert answer.context["source"] == text
    assert not script.versions.exists()


def test_an_earlier_version_is_opened_by_its_number(admin_client: Client) -> None:
    script = make_script()
    saved(script)
    saved(script, GOOD.replace("1", "2"))

    newest = admin_client.get(url("editor", script))
    earlier = admin_client.get(url("editor", script) + "?version=1")

    assert newest.context["source"] == GOOD.replace("1", "2")
    assert earlier.context["source"] == GOOD


# publishing


def test_an_untested_version_is_not_published(admin_client: Client) -> None:
    script = make_script()
    version = saved(script)

    posted = admin_client.post(url("editor", script), {"source": GOOD, "_publish": "1"}, follow=True)
    admin_client.post(url("publish", script, version.number))

    script.refresh_from_db()
    assert b"a dry run of it must succeed" in posted.content
    assert script.active_version is None


def test_a_tested_version_is_published_and_an_earlier_one_is_rolled_back_to(admin_client: Client) -> None:
    script = make_script()
    first, second = saved(script, tested=True), saved(script, GOOD.replace("1", "2"), tested=True)

    admin_client.post(url("editor", script), {"source": second.source, "_publish": "1"})
    script.refresh_from_db()
    after_publishing = script.active_version
    admin_client.post(url("publish", script, first.number))

    script.refresh_from_db()
    assert (after_publishing, script.active_version) == (second, first)
    assert "published version 1" in str(script.history.first().history_change_reason)


def test_publishing_needs_a_post_and_the_right_to_change(admin_client: Client) -> None:
    script = make_script()
    version = saved(script, tested=True)

    got = admin_client.get(url("publish", script, version.number))
    refused = signed_in("Operator").post(url("publish", script, version.number))

    script.refresh_from_db()
    assert (got.status_code, refused.status_code) == (405, 403)
    assert script.active_version is None


# trying


def test_a_dry_run_shows_what_would_be_written_and_writes_nothing(
    house: House, record: RunningRecord, admin_client: Client
) -> None:
    script = house.script(GOOD)
    event = house.tell()
    before = (ScriptRun.objects.count(), Event.objects.count())

    answer = admin_client.post(url("dry_run", script), {"source": WRITES, "event": event.pk, "reads": "live"}).json()

    assert (answer["ending"], answer["result"], answer["may_publish"]) == ("returned", NUMBER, False), answer
    assert "Save this text" in answer["note"]
    (write,) = answer["writes"]
    assert (write["method"], write["body"], write["connection"]) == ("PATCH", {"status": "done"}, "record")
    assert write["url"].startswith("/api/orders/")
    (call,) = answer["calls"]
    assert (call["summary"], call["status"], call["answer"]["items"][0]["number"]) == ("GET /api/orders", 200, NUMBER)
    assert answer["logs"][0]["data"] == {"number": NUMBER}
    assert record.control.order(NUMBER)["status"] != "done"
    assert (ScriptRun.objects.count(), Event.objects.count()) == before
    for model in (RecordWrite, ScriptValue, ScriptCall):
        assert not model.objects.exists()
    assert script.versions.count() == 1


def test_a_good_dry_run_of_a_saved_version_makes_it_fit_to_be_published(house: House, admin_client: Client) -> None:
    script = house.script(GOOD)
    version = saved(script, WRITES)

    answer = admin_client.post(url("dry_run", script), {"source": WRITES, "event": house.tell().pk}).json()

    version.refresh_from_db()
    assert answer["may_publish"] is True
    assert version.tested_at is not None
    assert admin_client.get(url("editor", script)).context["may_publish"] is True


def test_a_bad_dry_run_does_not(house: House, admin_client: Client) -> None:
    script = house.script(GOOD)
    throws = "function run(ctx) {\n  throw new Error('no such job');\n}\n"
    version = saved(script, throws)

    answer = admin_client.post(url("dry_run", script), {"source": throws, "event": house.tell().pk}).json()

    version.refresh_from_db()
    assert (answer["ending"], answer["may_publish"]) == ("threw", False)
    assert (answer["problems"][0]["line"], answer["problems"][0]["message"]) == (2, "Error: no such job")
    assert version.tested_at is None


def test_a_dry_run_without_an_event_is_that_of_the_schedule(house: House, admin_client: Client) -> None:
    script = house.script(GOOD)
    source = "function run(ctx) { return [ctx.event.type, ctx.session]; }"

    answer = admin_client.post(url("dry_run", script), {"source": source, "event": ""}).json()

    assert answer["result"] == ["script.schedule", None]


def test_look_ups_can_be_answered_as_an_earlier_run_got_them(
    house: House, record: RunningRecord, admin_client: Client
) -> None:
    asks = f"const run = async (ctx) => (await ctx.http.get('/api/orders?number={NUMBER}')).json.items[0].status;"
    script = house.script(asks)
    event = house.tell()
    house.work()
    before = house.last().result
    record.control.change_order(NUMBER, status="changed since")

    answer = admin_client.post(url("dry_run", script), {"source": asks, "event": event.pk, "reads": "recorded"}).json()

    assert answer["result"] == before


def test_an_event_that_is_gone_is_said_so(house: House, admin_client: Client) -> None:
    script = house.script(GOOD)

    answer = admin_client.post(url("dry_run", script), {"source": GOOD, "event": "99999"})

    assert answer.status_code == 404
    assert "not kept any more" in answer.json()["error"]


def test_a_text_is_checked_without_being_run(admin_client: Client) -> None:
    script = make_script()

    wrong = admin_client.post(url("check", script), {"source": "function run(ctx) {\r\n  return (;\r\n}"}).json()
    right = admin_client.post(url("check", script), {"source": GOOD}).json()

    assert [problem["line"] for problem in wrong["problems"]] == [2]
    assert right == {"problems": []}


def test_without_javascript_the_page_itself_shows_the_dry_run(house: House, admin_client: Client) -> None:
    script = house.script(GOOD)
    event = house.tell()

    page = admin_client.post(url("editor", script), {"source": WRITES, "event": event.pk, "_dry_run": "1"})

    assert page.context["source"] == WRITES
    assert page.context["tried"]["result"] == NUMBER
    assert b"PATCH" in page.content
    assert not RecordWrite.objects.exists()


@pytest.mark.parametrize("name", ["check", "dry_run"])
def test_who_may_not_change_scripts_tries_none(name: str, house: House) -> None:
    script = house.script(GOOD)

    answers = [signed_in(group).post(url(name, script), {"source": WRITES}) for group in ("Viewer", "Operator")]

    assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.parametrize("name", ["check", "dry_run"])
def test_trying_needs_a_post(name: str, admin_client: Client) -> None:
    assert admin_client.get(url(name, make_script())).status_code == 405


def test_who_may_only_look_gets_a_text_to_read_and_no_button() -> None:
    script = make_script()
    saved(script)
    client = signed_in("Viewer")

    page = client.get(url("editor", script))
    posted = client.post(url("editor", script), {"source": "x", "_save": "1"})

    assert page.status_code == 200
    assert b"data-script-run" not in page.content
    assert b"readonly" in page.content
    assert posted.status_code == 403
    assert script.versions.count() == 1


# what the editor offers


def test_events_to_try_on_stand_by_type_and_the_asked_one_is_chosen(house: House, admin_client: Client) -> None:
    script = house.script(GOOD, event_types=["visit.updated", "visit.joined"])
    old = house.tell()
    for _ in range(6):
        house.tell()
    house.tell(type="visit.joined")

    page = admin_client.get(f"{url('editor', script)}?event={old.pk}")

    offered = page.context["events"]
    assert list(offered) == ["visit.joined", "visit.updated"]
    assert [choice.pk for choice in offered["visit.updated"] if choice.chosen] == [old.pk]
    assert offered["visit.updated"][0].context == "context-test-visit"


def test_names_are_offered_of_facts_settings_secrets_and_connections(house: House, admin_client: Client) -> None:
    schema = {"properties": {"linkKey": {"type": "string", "title": "Key of the link"}}}
    script = house.script(GOOD, settings_schema=schema, settings={"odd": 1}, secrets={"TOKEN": "t0p-secret"})

    page = admin_client.get(url("editor", script))

    (_none, visits) = page.context["kinds"]
    assert [field["path"] for field in visits.names["fields"]] == ["visit.id", "visit.state"]
    assert [each["path"] for each in visits.names["config"]] == ["linkKey", "odd"]
    assert visits.names["secrets"] == ["TOKEN"]
    assert visits.names["arguments"] == {"connection": ["record"], "record": ["record"]}
    assert b"t0p-secret" not in page.content


def test_the_reference_has_the_members_of_ctx_with_their_texts() -> None:
    sections = {section.name: section for section in reference.of_context()}

    members = {member.code.split("(")[0].split(":")[0]: member for member in sections["ctx"].members}
    assert {"event", "session", "http", "record", "store", "skip", "retry", "fail"} <= members.keys()
    assert all(member.text for member in members.values())
    assert "<code>HttpError</code>" in next(m.text for m in sections["Http"].members if m.code.startswith("get"))


def test_the_reference_shows_text_as_text() -> None:
    (section,) = reference.sections("interface A {\n  /** Less than `<b>` & more. */\n  readonly a: string;\n}\n")

    assert section.members[0].text == "Less than <code>&lt;b&gt;</code> &amp; more."


# versions


def test_the_versions_are_listed_with_what_is_published(admin_client: Client) -> None:
    script = make_script()
    first = saved(script, tested=True)
    saved(script, GOOD.replace("1", "2"))
    services.publish(first, by="ada", now=clock.now())

    page = admin_client.get(url("versions", script))

    assert [version.number for version in page.context["versions"]] == [2, 1]
    assert page.content.count(b'badge-ok">published') == 1


def test_a_version_and_the_difference_of_two_are_shown_as_text(admin_client: Client) -> None:
    script = make_script()
    saved(script, "// <script>alert(1)</script>\n" + GOOD)
    saved(script, GOOD)

    one = admin_client.get(url("version", script, 1))
    both = admin_client.get(url("difference", script) + "?left=1&right=2")

    assert b"&lt;script&gt;alert(1)" in one.content
    assert b"<script>alert(1)" not in one.content + both.content
    assert b'data-left-label="version 1"' in both.content


@pytest.mark.parametrize("query", ["", "?left=1", "?left=1&right=9", "?left=1&right=x", "?left=1&right=" + "9" * 40])
def test_a_difference_of_what_is_not_there_is_not_found(query: str, admin_client: Client) -> None:
    script = make_script()
    saved(script)

    assert admin_client.get(url("difference", script) + query).status_code == 404


def test_pages_of_a_script_that_is_not_there_are_not_found(admin_client: Client) -> None:
    for name in ("editor", "versions"):
        assert admin_client.get(reverse(f"admin:scripts_script_{name}", args=[99])).status_code == 404


def test_templates_have_a_title_and_a_text() -> None:
    for template in starting.templates():
        assert template.title
        assert template.about
        assert "run(ctx)" in template.source
