"""The work order's page for users who sign in: no token, and nothing for anybody else."""

from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from pytest_django.fixtures import Settings

from integrations.camera.models import ConnectorToken, FieldOrder, Site, Visit
from integrations.camera.services.signing_in import SESSION
from tests.camera.conftest import Said
from tests.camera.making import DEFAULT_CALLBACK, make_site, make_token, make_user
from tests.camera.phone import Phone
from tests.camera.rest.program import Program, make_key

pytestmark = pytest.mark.django_db
ORDER = "/field/connector/work_order/"
PASSWORD = "a long word 77"


@pytest.fixture
def site() -> Site:
    found = make_site()
    make_token(found, sign_in=True, callback_targets=["https://other.example.com/jobs"])
    return found


@pytest.fixture
def worker() -> User:
    return make_user(email="worker@example.com", first_name="Wanda", last_name="Worker")


def make_order(site: Site, **values: Any) -> str:
    given = {"field_engineer_email": "Worker@example.com"} | values
    return Program(make_key(site)[1]).create(**given)


def query_of(site: Site, callback: str = DEFAULT_CALLBACK, **changed: str) -> str:
    named = {"site_id": str(site.uuid), "org_slug": site.workspace.slug, "callback_uri": callback} | changed
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in named.items() if value)


def phone_of(user: User | None) -> Phone:
    phone = Phone(SESSION)
    if user:
        phone.client.force_login(user)
    return phone


def test_who_the_order_is_assigned_to_opens_it_and_goes_back(site: Site, worker: User, engine: Said) -> None:
    order, phone = make_order(site), phone_of(worker)

    answer = phone.open(ORDER + order, query_of(site, "https://other.example.com/jobs/7?tab=a", use_fragment="true"))

    assert answer.status_code == 201
    visit = Visit.objects.get()
    assert (visit.user, visit.technician, visit.token.sign_in) == (worker, "Wanda Worker", True)
    item = phone.post(f"{phone.url}items", {"group": "meter_front"}).json()["item"]
    phone.take(item=item)
    phone.analyse()
    url = phone.leave()
    fragment = dict(pair.split("=") for pair in urlsplit(url).fragment.split("&"))
    assert (url.partition("#")[0], fragment["work_order_id"]) == ("https://other.example.com/jobs/7?tab=a", order)
    assert fragment["progress_score"] == "67"


def test_a_callback_that_the_site_does_not_list_gives_way_to_the_default(site: Site, worker: User) -> None:
    phone = phone_of(worker)

    phone.open(ORDER + make_order(site), query_of(site, "https://evil.example.com/"))

    assert phone.leave().partition("?")[0] == DEFAULT_CALLBACK
    assert "evil.example.com" in Visit.objects.get().callback_refused


@pytest.mark.parametrize("by", ["right", "group"])
def test_who_sees_all_orders_or_is_in_its_group_opens_it_too(site: Site, by: str) -> None:
    user, group = make_user(), Group.objects.create(name="North")
    if by == "right":
        user.user_permissions.add(Permission.objects.get(codename="view_fieldorder"))
    else:
        user.groups.add(group)
    order = make_order(site, field_engineer_email="", user_group_ids=[group.pk])

    assert phone_of(user).open(ORDER + order, query_of(site)).status_code == 201


def refused(phone: Phone, path: str, query: str) -> tuple[int, str]:
    before = FieldOrder.objects.count()
    answer = phone.open(path, query)
    assert FieldOrder.objects.count() == before
    assert not Visit.objects.filter(error="").exists()
    return answer.status_code, answer.json()["code"]


def test_others_orders_sites_and_pages_are_answered_like_unknown_ones(site: Site, worker: User) -> None:
    mine, other = make_order(site), make_site()
    make_token(other, sign_in=True)
    theirs, by_connector = make_order(other), Phone(make_token(site)[1])
    by_connector.open(query="task_group_name=meter_front")
    made = by_connector.state["order"]["uuid"]
    Visit.objects.all().delete()
    unassigned = make_order(site, field_engineer_email="")
    phone, query, nothing = phone_of(worker), query_of(site), (404, "not_found")

    assert refused(phone, ORDER + str(uuid4()), query) == nothing
    assert refused(phone, ORDER + theirs, query) == nothing
    assert refused(phone, ORDER + made, query) == nothing  # not made by the API
    assert refused(phone, ORDER + unassigned, query) == nothing
    assert refused(phone, f"{ORDER}create", query) == nothing
    assert refused(phone, "/field/connector/work_item/create", f"{query}&task_group_name=meter_front") == nothing
    assert refused(phone, ORDER + mine, query_of(site, site_id=str(uuid4()))) == nothing
    assert refused(phone, ORDER + mine, query_of(site, org_slug="another")) == nothing
    assert refused(phone, ORDER + mine, query_of(site, site_id="x")) == nothing
    assert refused(phone_of(make_user()), ORDER + mine, query) == nothing


@pytest.mark.parametrize("missing", ["site_id", "org_slug", "callback_uri"])
def test_all_three_parameters_are_needed(site: Site, worker: User, missing: str) -> None:
    order = make_order(site)

    assert refused(phone_of(worker), ORDER + order, query_of(site, **{missing: ""})) == (400, "malformed")


def test_nothing_is_told_before_somebody_signs_in(site: Site, worker: User) -> None:
    order = make_order(site)
    for path, query in ((ORDER + order, query_of(site)), (ORDER + "x", "site_id=x")):
        answer = phone_of(None).open(path, query)
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")
        assert answer.json()["leave"].startswith("http://testserver/field/sign-in/?next=%2Ffield%2Fconnector")
    assert not Visit.objects.exists()


def test_a_user_who_may_not_sign_in_any_more_ends_his_visits(site: Site, worker: User) -> None:
    phone = phone_of(worker)
    phone.open(ORDER + make_order(site), query_of(site))
    session = phone.client.cookies.pop("sessionid")
    assert (session.value != "", phone.client.get(phone.url).status_code) == (True, 200)

    User.objects.filter(pk=worker.pk).update(is_active=False)

    assert phone.client.get(phone.url).json()["code"] == "visit_over"


def test_another_user_does_not_go_on_with_a_visit(site: Site, worker: User) -> None:
    order, query = make_order(site), query_of(site)
    phone_of(worker).open(ORDER + order, query, key="the-same-key")
    boss = User.objects.create_superuser("boss")

    assert phone_of(boss).open(ORDER + order, query, key="the-same-key").json()["code"] == "key_reused"


def test_the_page_leads_to_the_sign_in_and_back_and_nowhere_else(site: Site, worker: User) -> None:
    worker.set_password(PASSWORD)
    worker.save()
    page = f"{ORDER}{make_order(site)}?{query_of(site)}"
    client = Client()
    signs = {"username": worker.username, "password": PASSWORD}

    asked = client.get(page)
    assert (asked.status_code, asked["Location"]) == (302, f"/field/sign-in/?next={quote(page, safe='/')}")
    assert client.get(asked["Location"]).status_code == 200
    for elsewhere in (
        "https://evil.example.com/",
        "//evil.example.com",
        "/admin/",
        "/field/connector/work_order/\\evil",
    ):
        assert Client().post("/field/sign-in/", signs | {"next": elsewhere})["Location"] == f"{ORDER}start"
    assert client.post("/field/sign-in/", signs | {"next": page})["Location"] == page
    assert client.get(page).status_code == 200


def test_the_sign_in_is_throttled_and_takes_forms_of_its_own_only(worker: User, settings: Settings) -> None:
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 3
    worker.set_password(PASSWORD)
    worker.save()
    wrong = {"username": worker.username, "password": "no"}

    assert Client(enforce_csrf_checks=True).post("/field/sign-in/", wrong).status_code == 403
    codes = [Client().post("/field/sign-in/", wrong).status_code for _ in range(3)]
    locked = Client().post("/field/sign-in/", wrong | {"password": PASSWORD})

    assert (codes[:2], locked.status_code) == ([200, 200], 429)
    assert "sessionid" not in locked.cookies


def test_a_site_has_one_door_and_its_value_is_nobodys(site: Site, admin_client: Client) -> None:
    posted = {"site": site.pk, "user": make_user().pk, "name": "Door", "default_callback": DEFAULT_CALLBACK}
    posted |= {"flow": "after_analysis", "link_by": "NAME", "messages_parameter": "conformity_messages"}
    posted |= {"callback_targets": "", "sign_in": "on", "value": ""}

    second = admin_client.post("/admin/camera/connectortoken/add/", posted)
    other = admin_client.post("/admin/camera/connectortoken/add/", posted | {"site": make_site().pk})

    assert "sign_in" in second.context["adminform"].form.errors
    assert other.status_code == 302  # no page that shows a value
    assert ConnectorToken.objects.filter(sign_in=True).count() == 2
