"""The links of contacts: what the connection's template opens, or the default."""

import pytest

from integrations.core import remembered
from integrations.platforms.worklink.contacts.linking import link_to, list_link
from integrations.platforms.worklink.links.purposes import Purpose
from integrations.platforms.worklink.models import Contact
from tests.platforms.worklink.links.making import make_cms, make_template

pytestmark = pytest.mark.django_db
PASTED = "worklink://resource?action=call_person&contact=someone"


def test_a_contact_is_called_as_the_connections_template_says() -> None:
    cms = make_cms()
    contact = Contact.objects.create(connection=cms, name="Ada", call_id="call ada")
    assert link_to(contact, direct=True) == "worklink://resource?action=fetch_user&user=call%20ada"

    make_template(cms, purpose=Purpose.CONTACT, base_link=PASTED)
    remembered.forget()

    assert link_to(contact, direct=True) == "worklink://resource?action=call_person&contact=call%20ada"


def test_the_list_is_opened_as_the_template_says_and_another_connection_keeps_the_default() -> None:
    cms, other = make_cms(), make_cms(slug="other")

    make_template(cms, purpose=Purpose.CONTACT_LIST, base_link="worklink://resource?action=fetch_contact_list&group=7")

    assert list_link(cms.pk, direct=True) == "worklink://resource?action=fetch_contact_list&group=7"
    assert list_link(other.pk, direct=True) == "worklink://resource?action=fetch_company_contact"
