"""Buttons on a row's page: each is one method of the admin class, one right, one POST and one sentence in return."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from integrations.core.badges import Text
from integrations.core.errors import FieldportError
from integrations.core.generic import AnyModelAdmin

Shown = Callable[[Any], bool]


@dataclass(frozen=True)
class PageAction:
    label: Text
    right: str
    tone: str
    shown: Shown
    form: bool


@dataclass(frozen=True)
class Button:
    label: Text
    tone: str
    url: str


@dataclass(frozen=True)
class Link:
    """A button that leads to a page of its own."""

    label: Text
    url: str


def page_action(
    label: Text, *, right: str, tone: str = "", shown: Shown = lambda row: True, form: bool = False
) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Mark `method(request, row) -> sentence` as a button; `right` is a verb such as "rerun".

    `form`: it needs input, so a form on the page sends it and no button is made.
    """

    def mark(method: Callable[..., str]) -> Callable[..., str]:
        method.page_action = PageAction(label, right, tone, shown, form)  # type: ignore[attr-defined]  # a mark, as Django's
        return method

    return mark


class PageActions(AnyModelAdmin):
    """An admin class whose `page_actions` name its marked methods, in the order of their buttons."""

    page_actions: ClassVar[Sequence[str]] = ()
    pk_route: ClassVar[str] = "int"  # how the row's key stands in addresses

    def has_right(self, request: HttpRequest, verb: str) -> bool:
        """Say whether the user may `verb` rows of this model, or has a right of another ("sync.rerun_recordwrite")."""
        right = verb if "." in verb else f"{self.opts.app_label}.{verb}_{self.opts.model_name}"
        return request.user.has_perm(right)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        view = self.admin_site.admin_view(self.run_page_action)
        return [path(f"<{self.pk_route}:pk>/do/<slug:action>/", view, name=name), *super().get_urls()]

    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Return the buttons that this user may press on this row."""
        found = []
        for name in self.page_actions:
            action: PageAction = getattr(self, name).page_action
            if self.has_right(request, action.right) and action.shown(row) and not action.form:
                found.append(Button(action.label, action.tone, self.action_url(row, name)))
        return found

    def page_links(self, request: HttpRequest, row: Any) -> Sequence[Link]:
        """Return the buttons that lead elsewhere; override it."""
        return ()

    def list_links(self, request: HttpRequest) -> Sequence[Link]:
        """Return the buttons above the list that lead elsewhere; override it."""
        return ()

    def action_url(self, row: Any, name: str) -> str:
        view = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_do"
        return reverse(view, args=[row.pk, name])

    def run_page_action(self, request: HttpRequest, pk: Any, action: str) -> HttpResponse:
        """Do what the button says and show the page again with the sentence."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.get_object(request, str(pk))
        if action not in self.page_actions or row is None:
            raise Http404
        method = getattr(self, action)
        if not (self.has_right(request, method.page_action.right) and method.page_action.shown(row)):
            raise PermissionDenied
        try:
            self.message_user(request, method(request, row), messages.SUCCESS)
        except FieldportError as error:
            self.message_user(request, str(error), messages.ERROR)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        change = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(change, args=[pk]))
