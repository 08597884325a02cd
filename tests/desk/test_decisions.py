"""What operators do on the pages: each is one service call, and it is done once."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.core.work import WorkState
from integrations.events.models import Event
from integrations.inbox.models import ReceivedWebhook
from integrations.sync.models import RecordWrite, WriteState
from integrations.workorders.models import ExternalId, Join, WorkOrder
from tests.desk.rows import make_everything
from tests.desk.story import tell

pytestmark = pytest.mark.django_db


def unmatched(number: int = 1) -> Join:
    return Join.objects.unmatched().order_by("pk")[number - 1]


def assign_url(*joins: Join) -> str:
    return f"{reverse('admin:workorders_join_assign')}?ids={','.join(str(join.pk) for join in joins)}"


def test_unmatched_lists_what_waits_and_not_what_is_joined(admin_client: Client) -> None:
    tell()

    page = admin_client.get(reverse("admin:workorders_join_changelist"))

    assert {row.pk for row in page.context["cl"].result_list} == set(
        Join.objects.unmatched().values_list("pk", flat=True)
    )
    assert b"No work order key was found in it." in page.content


def test_an_operator_finds_the_order_and_assigns_it_once(admin_client: Client) -> None:
    order = tell()["orders"][0]
    join = unmatched()
    before = Event.objects.count()

    found = admin_client.get(f"{assign_url(join)}&q=WO-000981")
    admin_client.post(assign_url(join), {"order": order.pk})
    admin_client.post(assign_url(join), {"order": order.pk})

    join.refresh_from_db()
    assert [offered.pk for offered in found.context["orders"]] == [order.pk]
    assert join.work_order == order
    assert join.decided_by == "admin"
    assert Event.objects.count() == before + 1


def test_a_misread_key_is_named_and_its_order_made(admin_client: Client) -> None:
    cmms = tell()["cmms"]
    join = unmatched()

    admin_client.post(assign_url(join), {"order": "named", "key": "WO-000999", "system-named": cmms.pk})

    join.refresh_from_db()
    assert ExternalId.objects.get(external_id="WO-000999").work_order == join.work_order


def test_assigning_nothing_says_so_and_changes_nothing(admin_client: Client) -> None:
    tell()
    join, orders = unmatched(), WorkOrder.objects.count()

    answer = admin_client.post(assign_url(join), {})

    join.refresh_from_db()
    assert b"Choose a work order" in answer.content
    assert join.work_order is None
    assert WorkOrder.objects.count() == orders


def test_dismissed_rows_leave_the_list_and_can_be_put_back(admin_client: Client) -> None:
    tell()
    join = unmatched()
    listing = reverse("admin:workorders_join_changelist")

    admin_client.post(listing, {"action": "dismiss", "_selected_action": [join.pk]})
    assert join not in Join.objects.unmatched()

    admin_client.post(reverse("admin:workorders_join_do", args=[join.pk, "restore_one"]))
    assert join in Join.objects.unmatched()


def test_one_of_several_records_is_chosen_for_a_write(admin_client: Client) -> None:
    write = tell()["writes"][3]
    page = reverse("admin:sync_recordwrite_change", args=[write.pk])
    choose = reverse("admin:sync_recordwrite_do", args=[write.pk, "choose"])

    shown = admin_client.get(page)
    refused = admin_client.post(choose, {"record": "999"}, follow=True)
    assert b"is not one of the records" in refused.content
    assert RecordWrite.objects.get(pk=write.pk).state == WriteState.UNSURE
    admin_client.post(choose, {"record": "402"})

    assert b"Several records fit" in shown.content
    write.refresh_from_db()
    assert write.state == WriteState.WAITING
    assert list(write.lane.choices.values()) == ["402"] or RecordWrite.objects.get(pk=write.pk).lane.choices


def test_a_drifted_write_shows_what_differs_and_is_tried_again(admin_client: Client) -> None:
    write = tell()["writes"][2]

    page = admin_client.get(reverse("admin:sync_recordwrite_change", args=[write.pk]))
    admin_client.post(reverse("admin:sync_recordwrite_do", args=[write.pk, "retry_one"]))

    assert [row.name for row in page.context["compared"] if row.differs] == ["u_percent"]
    write.refresh_from_db()
    assert write.state == WriteState.WAITING


def test_a_confirmed_write_offers_no_retry_and_refuses_one(admin_client: Client) -> None:
    write = tell()["writes"][0]

    page = admin_client.get(reverse("admin:sync_recordwrite_change", args=[write.pk]))
    answer = admin_client.post(reverse("admin:sync_recordwrite_do", args=[write.pk, "retry_one"]))

    assert page.context["buttons"] == []
    assert answer.status_code == 403
    write.refresh_from_db()
    assert write.state == WriteState.DONE


def test_selected_webhooks_are_replayed(admin_client: Client, hints: list[str]) -> None:
    rows = [make_everything(number)["received"].pk for number in (1, 2)]
    listing = reverse("admin:inbox_receivedwebhook_changelist")

    admin_client.post(listing, {"action": "replay", "_selected_action": rows})

    assert {row.state for row in ReceivedWebhook.objects.all()} == {WorkState.DUE}
    assert {row.replays for row in ReceivedWebhook.objects.all()} == {1}


@pytest.mark.parametrize("term", ["WO-000982", "U2NlbmFyaW9TZXNzaW9uOjQxMD1", "4101"])
@pytest.mark.parametrize("name", ["workorders_workorder", "inbox_receivedwebhook", "sync_recordwrite"])
def test_lists_are_searched_by_work_order_and_by_session(name: str, term: str, admin_client: Client) -> None:
    order = tell()["orders"][1]

    page = admin_client.get(reverse(f"admin:{name}_changelist"), {"q": term})

    found = list(page.context["cl"].result_list)
    assert [getattr(row, "subject", "") for row in found] == [order.subject]


def test_the_case_file_draws_the_missing_step_and_says_why(admin_client: Client) -> None:
    orders = tell()["orders"]

    written = admin_client.get(reverse("admin:workorders_workorder_change", args=[orders[0].pk]))
    waiting = admin_client.get(reverse("admin:workorders_workorder_change", args=[orders[1].pk]))

    assert not any(line.gap for line in written.context["lines"])
    gap = waiting.context["lines"][-1]
    assert gap.gap
    assert gap.note
    assert {line.kind for line in waiting.context["lines"]} >= {"webhook", "read", "session", "join", "event", "write"}


def test_an_attackers_body_is_shown_as_text(admin_client: Client) -> None:
    tell()
    row = ReceivedWebhook.objects.get(state=WorkState.FAILED)

    page = admin_client.get(reverse("admin:inbox_receivedwebhook_change", args=[row.pk]))

    assert b"<script>alert(1)" not in page.content
    assert b"&lt;script&gt;alert(1)" in page.content


def test_a_header_that_proves_the_sender_is_masked(admin_client: Client) -> None:
    tell()
    row = ReceivedWebhook.objects.filter(state=WorkState.DONE).first()
    assert row is not None

    page = admin_client.get(reverse("admin:inbox_receivedwebhook_change", args=[row.pk]))

    assert b"c2VjcmV0" not in page.content
    assert b"Content-Type: application/json" in page.content


def test_a_mapping_is_previewed_with_the_newest_fact_and_nothing_is_sent(admin_client: Client) -> None:
    operation = tell()["operation"]
    writes = RecordWrite.objects.count()

    page = admin_client.get(reverse("admin:sync_operation_preview", args=[operation.pk]))

    shown = page.context["preview"]
    assert shown.problems == ()
    assert shown.request["path"] == "/api/orders/RECORD"
    assert set(shown.fields) == {"u_state", "u_percent"}
    assert RecordWrite.objects.count() == writes


def test_a_preview_without_any_fact_says_so(admin_client: Client) -> None:
    operation = tell()["operation"]
    Event.objects.all().delete()

    page = admin_client.get(reverse("admin:sync_operation_preview", args=[operation.pk]))

    assert b"Nothing has happened yet" in page.content
