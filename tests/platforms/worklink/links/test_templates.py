"""What a link template takes, and what it refuses by name (A4, A5)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from integrations.connections.models import Connection, Workspace
from integrations.platforms.worklink.links.grammar import Link, Target, build
from integrations.platforms.worklink.links.purposes import Form, Purpose
from integrations.platforms.worklink.models import LinkTemplate
from tests.factories import make_connection
from tests.platforms.worklink.links.making import make_cms, make_erp, make_template

pytestmark = pytest.mark.django_db
BASE = "worklink://resource?action=fetch_catalog&asset="


@pytest.fixture
def erp() -> Connection:
    return make_erp()


@pytest.fixture
def cms(erp: Connection) -> Connection:
    return make_cms()


def refused(field: str, connection: Connection, **values: Any) -> str:
    """Return the name of the refusal; nothing was stored."""
    with pytest.raises(ValidationError) as error:
        make_template(connection, **values)
    assert not LinkTemplate.objects.exists()
    (fault,) = error.value.error_dict[field]
    assert fault.message.endswith(".")
    return str(fault.code)


@pytest.mark.parametrize(
    ("purpose", "base_link"),
    [
        (Purpose.CATALOG_ASSET, "worklink://resource?action=fetch_catalog&asset={asset}"),
        (Purpose.CONTACT_LIST, "worklink://resource?action=fetch_company_contact"),
    ],
)
def test_without_a_base_link_the_purpose_gives_its_own(cms: Connection, purpose: str, base_link: str) -> None:
    assert make_template(cms, purpose=purpose).base_link == base_link


@pytest.mark.parametrize("purpose", [Purpose.CATALOG_ID, Purpose.SCENARIO, Purpose.CONTACT])
def test_what_only_the_cms_knows_is_asked_for(cms: Connection, purpose: str) -> None:
    assert refused("base_link", cms, purpose=purpose) == "missing_target"


@pytest.mark.parametrize("key", ["action", "asset", "deep_link", "lnk", "sor"])
def test_a4_a_reserved_key_is_refused(cms: Connection, key: str) -> None:
    assert refused("external_data", cms, external_data=[[key, "x"]]) == "reserved_key"


def test_a5_a_deferred_link_from_the_cms_is_unwrapped_and_keeps_its_own_data(cms: Connection) -> None:
    pasted = build(Link("fetch_scenario", Target("scenario", "17"), {"campaign": "spring"}, form="deferred"))

    template = make_template(cms, base_link=f"  {pasted}\n")

    assert template.base_link == "worklink://resource?action=fetch_scenario&scenario=17&campaign=spring"
    base = template.recipe().base()
    assert (base.target, base.external_data) == (Target("scenario", "17"), {"campaign": "spring"})


def test_an_action_that_only_the_cms_knows_is_taken_as_it_is(cms: Connection) -> None:
    template = make_template(cms, base_link="worklink://resource?action=open_folder&folder=7")

    assert template.recipe().base().action == "open_folder"


@pytest.mark.parametrize(
    ("base_link", "code"),
    [
        ("https://example.test/", "not_worklink"),
        ("worklink://resource?asset=1", "missing_action"),
        (f"{BASE}1&catalog=2", "ambiguous_target"),
        (f"{BASE}%zz", "bad_encoding"),
        (f"{BASE}{{colour}}", "bad_placeholder"),
        (f"{BASE}{{asset", "bad_placeholder"),
        (f"{BASE}{{asset!r}}", "bad_placeholder"),
        (f"{BASE}1&work_order_id=7", "duplicate_key"),
        (f"{BASE}1&lnk=abc", "reserved_key"),
        (f"{BASE}1&1st=x", "bad_key"),
        (BASE + "x" * 8000, "too_long"),
    ],
)
def test_a_base_link_is_refused_by_name(cms: Connection, base_link: str, code: str) -> None:
    assert refused("base_link", cms, base_link=base_link) == code


@pytest.mark.parametrize(
    ("external_data", "code"),
    [
        ([["site", "{place}"]], "bad_placeholder"),
        ([["site", "}"]], "bad_placeholder"),
        ([["site", ""]], "bad_value"),
        ([["site", 7]], "bad_value"),
        ([["site"]], "bad_value"),
        ("site=1", "bad_value"),
        ([["site", "\x00"]], "bad_value"),
        ([["site", "\ud800"]], "bad_value"),
        ([["2nd", "x"]], "bad_key"),
        ([["a", "x"], ["a", "y"]], "bad_key"),
        ([["a[", "x"]], "bad_key"),
        ([["work_order_id", "{title}"]], "reserved_key"),
    ],
)
def test_external_data_is_refused_by_name(cms: Connection, external_data: Any, code: str) -> None:
    assert refused("external_data", cms, external_data=external_data) == code


def test_a_key_of_the_base_link_is_not_written_twice(cms: Connection) -> None:
    assert refused("external_data", cms, base_link=f"{BASE}1&site=x", external_data=[["site", "y"]]) == "duplicate_key"


def test_an_object_is_taken_for_its_pairs(cms: Connection) -> None:
    assert make_template(cms, external_data={"site": "{site}"}).external_data == [["site", "{site}"]]


def test_a_slug_names_one_template_of_a_connection(cms: Connection) -> None:
    make_template(cms, slug="pump")

    with pytest.raises(ValidationError):
        make_template(cms, slug="pump")
    make_template(make_cms(), slug="pump")
    assert LinkTemplate.objects.count() == 2


def test_without_a_system_of_record_no_template_is_kept() -> None:
    assert refused("system", make_connection(settings={})) == "no_system"


def test_a_system_of_another_workspace_is_refused(cms: Connection) -> None:
    other = make_erp(slug="other", workspace=Workspace.objects.create(slug="else", name="Else"))

    assert refused("system", cms, system=other) == "no_system"


def test_only_worklink_has_link_templates(erp: Connection) -> None:
    assert refused("connection", erp) == "not_worklink"


@pytest.mark.parametrize(
    ("keys", "own", "expected"),
    [
        (["work_order_id"], False, ("work_order_id", "")),
        (["work_order_id"], True, ("work_order_id", "crm")),
        (["work_order_id", "case_id=crm"], True, ("case_id", "")),
        (["case_id=crm"], False, None),
    ],
)
def test_the_link_key_leads_to_the_system_of_the_template(erp: Connection, keys: Any, own: bool, expected: Any) -> None:
    crm = make_erp(slug="crm")
    cms = make_cms(settings={"system": "erp", "link_keys": keys})
    if expected is None:
        assert refused("system", cms) == "no_key"
        return
    recipe = make_template(cms, system=crm if own else None).recipe()
    assert (recipe.key_name, recipe.route) == expected


def test_links_of_calls_carry_the_key_of_calls(cms: Connection) -> None:
    template = make_template(cms, purpose=Purpose.CONTACT_LIST, form=Form.DIRECT)

    assert template.recipe().key_name == "service_request_id"
