"""What links are for, and the base link that each purpose starts from (section 2.2 of the sheet)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.platforms.worklink.links.grammar import DIRECT


class Purpose(models.TextChoices):
    CATALOG_ASSET = "CATALOG_ASSET", _("catalog, by the asset of the order")
    CATALOG_ID = "CATALOG_ID", _("catalog, by its number in the CMS")
    SCENARIO = "SCENARIO", _("one scenario")
    CONTACT = "CONTACT", _("call one user")
    CONTACT_LIST = "CONTACT_LIST", _("contact list")


class Form(models.TextChoices):
    DEFERRED = "deferred", _("https, opens a page if the app is missing")
    DIRECT = "direct", _("worklink://, for managed devices and headsets")


# A value that is missing here is asked for: only the CMS knows it.
BASE_LINKS: dict[str, str] = {
    Purpose.CATALOG_ASSET: f"{DIRECT}?action=fetch_catalog&asset={{asset}}",
    Purpose.CATALOG_ID: f"{DIRECT}?action=fetch_catalog&catalog=",
    Purpose.SCENARIO: f"{DIRECT}?action=fetch_scenario&scenario=",
    Purpose.CONTACT: f"{DIRECT}?action=fetch_user&user=",
    Purpose.CONTACT_LIST: f"{DIRECT}?action=fetch_company_contact",
}
CALLS = (Purpose.CONTACT, Purpose.CONTACT_LIST)
