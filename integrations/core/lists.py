"""What makes the admin's lists light: pages by key, deferred columns, names of subjects read once per page."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.contrib.admin import AllValuesFieldListFilter, FieldListFilter
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, ChangeList
from django.db.models import CharField, DateTimeField, IntegerField, Model, QuerySet
from django.http import HttpRequest

from integrations.core import subjects
from integrations.core.paging import page_of

RECENT = 1_000


def batches(pks: Iterable[int], *, size: int = 1_000) -> Iterator[list[int]]:
    """Yield the numbers of selected rows, which may be all of a log, in lists that fit into a statement."""
    left = iter(pks)
    while batch := list(islice(left, size)):
        yield batch


class RecentValuesFilter(AllValuesFieldListFilter):
    """Offers the values of the newest rows, and the chosen one: to find each that ever was would read the whole log."""

    def __init__(self, field: Any, *args: Any, **words: Any) -> None:
        super().__init__(field, *args, **words)
        newest = self.lookup_choices.model._default_manager.order_by("-pk").values_list(field.name, flat=True)
        found = {*newest[:RECENT], *(self.lookup_val or ())}
        self.lookup_choices: Any = sorted(found, key=lambda value: (value is None, str(value)))


FieldListFilter.register(
    lambda field: isinstance(field, CharField | IntegerField) and not (field.choices or field.remote_field),
    RecentValuesFilter,
    take_priority=True,
)


def gives_an_order(model: type[Model], path: Any) -> bool:
    """Say whether an index keeps the rows in the order of this field: sorting a million reads a page of them.

    What is unique is meant, and times. Where values repeat, the rows of one would have to be sorted by their numbers.
    """
    if path not in {field.name for field in model._meta.concrete_fields}:
        return False
    field: Any = model._meta.get_field(path)
    first = {index.fields[0].removeprefix("-") for index in model._meta.indexes if index.fields and not index.condition}
    is_indexed = field.db_index or path in first
    return bool(field.unique or (is_indexed and isinstance(field, DateTimeField)))


class LightChangeList(ChangeList):
    """A list that counts nothing and leaves big columns, and secrets of related rows, in the database."""

    previous_url = next_url = first_url = ""

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None

    @property
    def newest_first(self) -> bool:
        """Whether the pages are older and newer, not only before and after."""
        return ORDER_VAR not in self.params and str(self.queryset.query.order_by[0]).startswith("-")

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        owner: Any = self.model_admin
        return rows.defer(*owner.list_defer)

    def get_results(self, request: HttpRequest) -> None:
        page = page_of(self.queryset, cursor=request.GET.get(PAGE_VAR, ""), size=self.list_per_page)
        self.result_list: Any = self._named(page.rows)
        self.previous_url, self.next_url = self._url(page.previous), self._url(page.next)
        self.first_url = self.get_query_string() if page.previous else ""
        # Django offers "select all" where there is more than the page shows; how much more is not counted.
        self.result_count = len(page.rows) + bool(page.previous or page.next)
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.full_result_count, self.show_admin_actions = None, True

    def _url(self, cursor: str) -> str:
        return self.get_query_string({PAGE_VAR: cursor}) if cursor else ""

    def _named(self, rows: list[Any]) -> list[Any]:
        owner: Any = self.model_admin
        if owner.has_subject:
            names = subjects.names({row.subject for row in rows})
            for row in rows:
                row.subject_name = names.get(row.subject, "")
        return rows
