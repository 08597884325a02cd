"""The settings of a Deepomatic connection."""

import re
from collections.abc import Mapping
from typing import Any

from integrations.connections.schema import Field

SLUG, LABEL = "deepomatic", "Deepomatic"
HOSTS = {"eu": "customers.deepomatic.com", "us": "customers.us1.deepomatic.com"}
CAMERA = "https://studio.deepomatic.com"
DATA, LINK = "data", "link"
_SITE = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})(?:-[0-9a-f]{12})?", re.IGNORECASE)

SETTINGS = (
    Field("site_id", "Site id", help="As Deepomatic Studio shows it. Gives the address, if none is entered."),
    Field("region", "Region", type="choice", default="eu", choices=[("eu", "Europe"), ("us", "United States")]),
    Field(
        "photos_as",
        "Send photos as",
        type="choice",
        default=DATA,
        choices=[(DATA, "data, made smaller if need be"), (LINK, "a signed link that expires")],
        help="With a link, Deepomatic fetches the photo as it is from this installation's public address.",
    ),
    Field(
        "send_corrections",
        "Send corrections",
        type="boolean",
        default=False,
        help="A verdict that is corrected here is corrected there too, once. A correction there is final.",
    ),
    Field("camera_url", "Address of its camera", default=CAMERA, help="For handing users over; a US site's differs."),
    Field(
        "file_hosts",
        "Hosts of photos",
        type="list",
        default=["*"],
        help="Hosts that links to its photos may point to; * is every public host.",
    ),
)


def address_of(settings: Mapping[str, Any]) -> str:
    """Return the API's address of a site (vendor sheet, 4.1): its id without the last group; "" without an id."""
    found = _SITE.fullmatch(str(settings.get("site_id") or "").strip())
    host = HOSTS.get(str(settings.get("region") or "eu"), HOSTS["eu"])
    return f"https://api.{found[1].lower()}.{host}" if found else ""
