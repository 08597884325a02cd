"""What makes the admin's lists light: capped counts, deferred columns, names of subjects read once per page."""

from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.core import subjects
from integrations.core.generic import AnyPaginator

COUNTED_MAX = 10_000


class CappedPaginator(AnyPaginator):
    """Counts no further than anyone will page: a full count of a log is slower than the page itself."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        counted: int = rows.order_by()[:COUNTED_MAX].count()
        return counted


class LightChangeList(ChangeList):
    """A list that leaves big columns, and secrets of related rows, in the database."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        owner: Any = self.model_admin
        return rows.defer(*owner.list_defer)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        owner: Any = self.model_admin
        if owner.has_subject:
            rows = self.result_list = list(self.result_list)
            names = subjects.names({row.subject for row in rows})
            for row in rows:
                row.subject_name = names.get(row.subject, "")
