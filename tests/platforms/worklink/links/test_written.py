"""The link in a field of the system of record, by a mapping alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from integrations.core.platforms import context_kind
from integrations.platforms.worklink.links.issuing import issue, url_of
from integrations.platforms.worklink.models import IssuedLink
from integrations.sync import plans
from integrations.sync.models import RecordWrite
from integrations.workorders import services as workorders
from tests.platforms.worklink import erp
from tests.platforms.worklink.house import House
from tests.platforms.worklink.links.making import make_cms, make_erp, make_order, make_template
from tests.platforms.worklink.test_context import paths_missing
from tests.simulators.record.control import RecordControl
from tests.simulators.running import RunningRecord

pytestmark = pytest.mark.django_db
NUMBER = "WO-000981"
FIELDS = {"link.url": "u_link", "link.direct": "u_headset"}


@pytest.fixture
def record(record: RunningRecord, house: House) -> Iterator[RecordControl]:
    record.control.add_order(NUMBER)
    erp.connect(house.erp, record.url)
    erp.update(house.erp, "worklink.link", FIELDS, event_types=["link.issued"])
    yield record.control
    plans.forget()


def tell(house: House, **values: Any) -> None:
    workorders.put_work_order(system=house.erp, external_id=NUMBER, values=values, now=timezone.now())
    house.work()


def test_a_new_order_has_its_link_in_the_system_of_record_once(house: House, record: RecordControl) -> None:
    make_template(house.connection, automatic=True)

    tell(house, asset="PUMP-77")
    tell(house, asset="PUMP-77", status="started")

    link = IssuedLink.objects.get()
    written = record.order(NUMBER)
    assert (written["u_link"], written["u_headset"]) == (url_of(link), url_of(link, "direct"))
    assert len(record.effects()) == 1
    assert RecordWrite.objects.count() == 1


def test_an_order_whose_asset_changes_has_its_new_link_there(house: House, record: RecordControl) -> None:
    make_template(house.connection, automatic=True)
    tell(house, asset="PUMP-77")

    tell(house, asset="GEN-9")

    newest = IssuedLink.objects.get(target_value="GEN-9")
    assert record.order(NUMBER)["u_link"] == url_of(newest)
    assert len(record.effects()) == 2


def test_without_automatic_links_nothing_is_written(house: House, record: RecordControl) -> None:
    make_template(house.connection)
    tell(house, asset="PUMP-77")

    assert record.effects() == []
    assert not RecordWrite.objects.exists()


def test_every_field_that_is_offered_is_there() -> None:
    system = make_erp()
    issued = issue(make_template(make_cms(), external_data=[["site", "Bern"]]), make_order(system))
    kind = context_kind("worklink.link")

    loaded = kind.load(str(issued.pk))

    assert not paths_missing(kind, loaded)
    assert (loaded["link"]["url"], loaded["link"]["data"]["site"]) == (url_of(issued), "Bern")
    assert loaded["link"]["qr_svg"].endswith(f"/api/v1/deep-links/{issued.pk}/qr.svg")
    assert loaded["order"]["external_id"] == "WO-000981"
