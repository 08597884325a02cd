"""The questionnaire that a page is about, and what all pages share."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from integrations.readiness.models import Questionnaire


def questionnaire_of(
    owner: Any, request: HttpRequest, pk: int, *, rights: tuple[str, ...] = ("view",)
) -> Questionnaire:
    """:raises PermissionDenied: :raises Http404:"""
    if not all(owner.has_right(request, right) for right in rights):
        raise PermissionDenied
    return get_object_or_404(Questionnaire.objects.select_related("connection", "lookup"), pk=pk)


def shown(owner: Any, request: HttpRequest, row: Questionnaire, page: str, **context: Any) -> HttpResponse:
    words = owner.admin_site.each_context(request) | {"questionnaire": row} | context
    return TemplateResponse(request, f"readiness/{page}.html", words)
