"""Pruning: only what the file's sections could have had goes, and nothing that anything hangs on."""

import re

import pytest

from integrations.connections.models import ApiToken, Connection, Workspace
from integrations.core.config import all_sections
from integrations.core.config.comparing import plan_text
from integrations.core.config.documents import ConfigRefused
from integrations.core.config.exporting import export
from integrations.inbox.models import ReceivedWebhook, WebhookSource
from integrations.platforms.generic.models import WorkOrderFeed
from integrations.schedules.models import RetentionRule
from integrations.sync.models import FieldMapping, Operation
from tests.config.making import applied
from tests.desk.rows import make_everything
from tests.factories import make_connection, make_received, make_source

pytestmark = pytest.mark.django_db

NOTHING = "\n".join(["fieldport: 1", *(f"{section.name}: {{}}" for section in all_sections())])


def test_without_prune_nothing_is_deleted(full: None) -> None:
    before = export()

    assert applied(NOTHING).changes_nothing
    assert export() == before


def test_an_empty_file_prunes_everything_but_what_is_always_there(full: None) -> None:
    plan = applied(NOTHING, prune=True)

    left = {model: model._default_manager.count() for model in (Connection, WebhookSource, Operation, WorkOrderFeed)}
    assert set(left.values()) == {0}
    assert not FieldMapping.objects.exists()
    assert list(Workspace.objects.values_list("slug", flat=True)) == ["default"]
    assert RetentionRule.objects.get().days == 7
    assert "  - erp / Find it  (delete)" in plan_text(plan)
    assert applied(NOTHING, prune=True).changes_nothing


def test_a_token_is_revoked_and_stays_for_what_was_done_with_it(full: None) -> None:
    plan = applied("fieldport: 1\napi_tokens: {}", prune=True)

    assert ApiToken.objects.get().revoked_at is not None
    assert plan_text(plan) == "api_tokens\n  - plant-two / Field app  (revoke)\n1 to revoke, 0 unchanged."
    assert applied("fieldport: 1\napi_tokens: {}", prune=True).changes_nothing


def test_sections_that_the_file_does_not_have_are_left_alone(full: None) -> None:
    applied("fieldport: 1\nwork_order_feeds: {}", prune=True)

    assert not WorkOrderFeed.objects.exists()
    assert Connection.objects.count() == 4
    assert Operation.objects.count() == 3


def test_what_others_of_the_file_link_to_is_refused(full: None) -> None:
    with pytest.raises(ConfigRefused) as refused:
        applied("fieldport: 1\nconnections: {}", prune=True)

    told = str(refused.value)
    assert "connections: “erp” is not in the file and cannot be deleted: " in told
    assert "3 mappings (“erp / Answers”, “erp / Find it”, “erp / Session: on the order”)" in told
    assert "1 source (“cms / Sessions & calls”)" in told
    assert "leave out --prune" in told
    assert Connection.objects.count() == 4


def test_a_look_up_that_is_still_used_is_refused(full: None) -> None:
    text = export().replace("    Find it:\n", "    Found otherwise:\n", 1)

    with pytest.raises(ConfigRefused, match=r"“erp / Find it” is not in the file .* 1 mapping \(“erp / Session"):
        applied(text, prune=True)


def test_a_look_up_that_the_file_replaces_goes(full: None) -> None:
    text = export().replace("Find it", "Found otherwise")

    applied(text, prune=True)

    assert not Operation.objects.filter(name="Find it").exists()
    assert Operation.objects.filter(lookup__name="Found otherwise").count() == 1
    assert export() == text


def test_rows_that_were_received_or_written_keep_what_they_hang_on() -> None:
    rows = make_everything(1)

    with pytest.raises(ConfigRefused) as refused:
        applied(NOTHING, prune=True)

    told = str(refused.value)
    for what in ("received webhook", "quarantined webhook", "write", "lane", "external id", "scenario session"):
        assert re.search(rf"\d {what}", told)
    assert Connection.objects.filter(pk=rows["connection"].pk).exists()
    assert ReceivedWebhook.objects.count() == 1


def test_a_refused_removal_holds_back_everything_else_of_the_file() -> None:
    slug = make_received(source=make_source(connection=make_connection())).source.connection.slug

    with pytest.raises(ConfigRefused, match="1 received webhook"):
        applied(f"fieldport: 1\nworkspaces: {{new: {{name: New}}}}\nsources: {{{slug}: {{}}}}", prune=True)

    assert not Workspace.objects.filter(slug="new").exists()
