"""Connections, templates and orders that links are made of."""

import itertools
from typing import Any

from integrations.connections.models import Connection
from integrations.platforms.worklink.links.purposes import Purpose
from integrations.platforms.worklink.models import LinkTemplate
from integrations.workorders.models import ExternalId, WorkOrder
from tests.factories import make_connection

_numbers = itertools.count(1)


def make_erp(**values: Any) -> Connection:
    return make_connection(**{"slug": "erp", "name": "ERP", "platform": "generic"} | values)


def make_cms(**values: Any) -> Connection:
    return make_connection(**{"settings": {"system": "erp"}} | values)


def make_template(connection: Connection, **values: Any) -> LinkTemplate:
    """A template that was saved as a form saves it."""
    number = next(_numbers)
    defaults: dict[str, Any] = {"name": f"Template {number}", "slug": f"template-{number}"}
    template = LinkTemplate(connection=connection, **defaults | values)
    template.full_clean()
    template.save()
    return template


def make_order(system: Connection, key: str = "WO-000981", **values: Any) -> WorkOrder:
    order = WorkOrder.objects.create(**{"asset": "PUMP-77", "workspace": system.workspace} | values)
    ExternalId.objects.create(work_order=order, system=system, external_id=key)
    return order


V1 = {"purpose": Purpose.CATALOG_ASSET}
V2 = {
    "purpose": Purpose.CATALOG_ID,
    "base_link": "worklink://resource?action=fetch_catalog&catalog=5512",
    "external_data": [["site", "{site}"]],
}
V3 = {"external_data": [["serials[]", "SN-11"], ["serials[]", "SN-12"], ["ctx[line]", "3"]]}
