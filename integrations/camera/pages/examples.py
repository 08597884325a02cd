"""Example redirect addresses of a token, with a QR code for a phone. A token's value is asked for and never kept."""

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import segno
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.camera.models import ConnectorToken, Site, TaskGroup
from integrations.core.admin import OptionalJSON
from integrations.core.badges import Text
from integrations.core.signing import equal

UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"
PLACEHOLDER = "TOKEN"


@dataclass(frozen=True)
class Example:
    """One scenario's address; `picture` is its QR code as a data address, "" where it would open nothing."""

    title: Text
    url: str
    picture: str = ""


class ExampleForm(forms.Form):
    task_group_name = forms.ChoiceField(label=gettext_lazy("Task group"))
    work_order_name = forms.CharField(label=gettext_lazy("work_order_name"), max_length=128, required=False)
    wo_metadata = OptionalJSON(label=gettext_lazy("wo_metadata (JSON)"), required=False)
    callback = forms.CharField(label=gettext_lazy("callback_URI"), max_length=2000, required=False)
    state = forms.CharField(label=gettext_lazy("state"), max_length=500, required=False)
    order = forms.UUIDField(label=gettext_lazy("work_order_id"), required=False)
    item = forms.UUIDField(label=gettext_lazy("Work item"), required=False)
    input = forms.UUIDField(label=gettext_lazy("Input"), required=False)
    value = forms.CharField(
        label=gettext_lazy("Value of the token"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only for the QR codes of this one answer; it is not kept."),
    )

    def __init__(self, *args: Any, token: ConnectorToken, **options: Any) -> None:
        super().__init__(*args, **options)
        self.token = token
        names = group_names(token.site)
        group: Any = self.fields["task_group_name"]
        group.choices = [(name, name) for name in names] or [("task_group", _("none is activated yet"))]

    def clean_value(self) -> str:
        value = str(self.cleaned_data["value"])
        if value and not equal(ConnectorToken.hash_of(value), self.token.token_hash):
            raise forms.ValidationError(_("This is not the value of this token."))
        return value


def group_names(site: Site) -> list[str]:
    rows = TaskGroup.objects.filter(version=site.active_version_id or 0)
    return list(rows.order_by("order", "pk").values_list("name", flat=True))


def built(given: dict[str, Any]) -> list[Example]:
    """Return the addresses of the four scenarios and of the work order page (vendor sheet, 2.3 and 3)."""
    back = _named(callback_URI=given.get("callback"), state=given.get("state"))
    made = _named(work_order_name=given.get("work_order_name"), wo_metadata=_metadata(given.get("wo_metadata")))
    group = _named(task_group_name=given.get("task_group_name"))
    ids = {name: str(given.get(name) or UNKNOWN_ID) for name in ("order", "item", "input")}
    rows: list[tuple[Text, str, list[tuple[str, str]], bool]] = [
        (_("1. New order and photo"), "work_item/create", [*group, *made, *back], True),
        (
            _("2. Photo in an existing order"),
            "work_item/create",
            [("work_order_id", ids["order"]), *group, *back],
            bool(given.get("order")),
        ),
        (_("3. Take a photo again"), f"work_item/{ids['item']}", back, bool(given.get("item"))),
        (_("4. Look at an analysis"), f"input/{ids['input']}", back, bool(given.get("input"))),
        (_("Whole work order"), "work_order/create", [*made, *back], True),
    ]
    return [_example(title, page, query, given.get("value") or "", opens=opens) for title, page, query, opens in rows]


def _example(title: Text, page: str, query: list[tuple[str, str]], value: str, *, opens: bool) -> Example:
    address = f"{settings.PUBLIC_URL}/field/connector/{page}"
    asked = f"{address}?{urlencode(query, quote_via=quote, safe='')}" if query else address
    shown = f"{asked}#token={PLACEHOLDER}"
    return Example(title, shown, _qr(f"{asked}#token={value}") if value and opens else "")


def _qr(text: str) -> str:
    """Return the code as SVG in a data address; "" for what is too long for one."""
    try:
        return segno.make(text, error="l", micro=False).svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    except segno.DataOverflowError:
        return ""


def _named(**values: Any) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in values.items() if value]


def _metadata(value: Any) -> str:
    return b64encode(json.dumps(value, separators=(",", ":")).encode()).decode() if value else ""


def unfit_for_phones(address: str) -> str:
    """Say why a phone that scans a code would get no live camera from this address; "" if nothing speaks against it."""
    parts = urlsplit(address)
    if parts.hostname in ("localhost", "127.0.0.1", "::1"):
        return _("A phone cannot reach {address}: it is this machine itself.").format(address=address)
    if parts.scheme != "https":
        return _("Phones give their camera to https only: at {address} photos are chosen from files.").format(
            address=address
        )
    return ""


def page(owner: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Show the addresses; a POST adds what is typed, and QR codes if the token's value is among it."""
    if not owner.has_view_permission(request):
        raise PermissionDenied
    token = ConnectorToken.objects.select_related("site").filter(pk=pk).first()
    if token is None:
        raise Http404
    form = ExampleForm(request.POST if request.method == "POST" else None, token=token)
    first: dict[str, Any] = {"task_group_name": next(iter(group_names(token.site)), "task_group")}
    given = form.cleaned_data if form.is_bound and form.is_valid() else first | {"work_order_name": "JOB-1042"}
    context = owner.admin_site.each_context(request) | {"title": _("Example addresses"), "token": token}
    context["unfit"] = unfit_for_phones(settings.PUBLIC_URL)
    answer = TemplateResponse(request, "camera/admin/examples.html", context | {"form": form, "examples": built(given)})
    answer["Cache-Control"] = "no-store"
    return answer
