"""The page that a script is deleted on: it says what goes and what stays before anything happens."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.core import clock
from integrations.scripts import deleting
from integrations.scripts.admin_columns import ScriptColumns
from integrations.scripts.deleting import Belongings
from integrations.scripts.models import Script

SWITCHED_ON = gettext_lazy("It is switched on, and a version of it is published. Switch it off first.")


class DeletedWithCare(ScriptColumns):
    """Adds the page; one script at a time."""

    delete_confirmation_template = "scripts/delete.html"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        return {name: action for name, action in actions.items() if name != "delete_selected"}

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what the page says; Django's own list would read every run."""
        (script,) = objs
        return goes(script, deleting.belongings(script)), {}, set(), refusals(script)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        kept = stays(context["object"], deleting.belongings(context["object"]))
        return super().render_delete_form(request, context | {"stays": kept})

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except deleting.DeletionRefused as refusal:  # it came between the page and the press
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def delete_model(self, request: HttpRequest, obj: Script) -> None:
        deleting.delete_script(obj, by=request.user.get_username(), now=clock.now())


def refusals(script: Script) -> list[str]:
    on = [str(SWITCHED_ON)] if script.enabled and script.active_version_id else []
    return on + deleting.problems(script, now=clock.now())


def goes(script: Script, has: Belongings) -> list[str]:
    counted = (
        (has.versions, _("versions with their texts: {number}")),
        (has.runs, _("runs with their logs, calls and inputs: {number}")),
        (has.waiting, _("of these, runs that wait and will not run: {number}")),
        (has.values, _("values of ctx.store: {number}")),
        (has.grants, _("grants of connections, but not the connections themselves: {number}")),
    )
    there = [words.format(number=number) for number, words in counted if number]
    return [_("the script “{script}” with its settings, secrets and schedule").format(script=script), *there]


def stays(script: Script, has: Belongings) -> list[str]:
    written = _(
        "its writes in the ledger, with what was sent and answered, but without the pages of their runs: {number}"
    )
    again = _("a new script with the slug “{slug}” goes on with this ledger: what was written is not written again")
    return [
        written.format(number=has.writes),
        _("what it wrote in other systems"),
        _("the history of its settings, with who deleted it"),
        *([again.format(slug=script.slug)] if has.writes else []),
    ]
