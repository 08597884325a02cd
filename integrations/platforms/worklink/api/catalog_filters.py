from typing import Any

from django.db.models import Q, QuerySet

from integrations.connections.api.filtering import Condition, Filters, exactly, number, one_of, since, yes_or_no
from integrations.platforms.worklink.contacts.matrix import MAY_CALL
from integrations.platforms.worklink.models import ASSET, Contact, Licence, Source


class _Gone(Condition):
    def filter(self, qs: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        return qs if value is None else qs.filter(gone_at__isnull=not value)


class _ForAsset(Condition):
    """By both ways in which a catalog serves an asset."""

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        if value is None:
            return qs
        served = qs.model.objects.filter(served__kind=ASSET, served__object_id=value).values("pk")
        return qs.filter(Q(external_asset_id=value) | Q(pk__in=served))


class _CallableBy(Condition):
    """Whom the licence of another contact of the same connection lets it call."""

    def filter(self, qs: QuerySet[Any], value: int | None) -> QuerySet[Any]:
        if value is None:
            return qs
        caller = Contact.objects.filter(pk__in=qs.values("pk"), pk=value).first()
        allowed = MAY_CALL.get(caller.licence, ()) if caller else ()
        return qs.filter(licence__in=allowed, connection=caller.connection_id if caller else None).exclude(pk=value)


class ListedFilter(Filters):
    connection = exactly("connection__slug", "Slug of the connection that it is of.", longest=50)
    name = exactly("name", longest=300)
    database_id = exactly("database_id", "Number in the CMS; exactly.", longest=64)
    source = one_of("source", Source.choices)
    gone = yes_or_no("gone_at", "Whether it has vanished from the CMS.", kind=_Gone)
    changed_since = since("changed_at")


class CatalogFilter(ListedFilter):
    external_asset_id = exactly("external_asset_id")
    asset = exactly("", "An asset that it serves, by its own asset id or by an object.", kind=_ForAsset)


class ContactFilter(ListedFilter):
    call_id = exactly("call_id")
    key = exactly("key", "What other systems know it by.")
    email = exactly("email", longest=254)
    licence = one_of("licence", [each for each in Licence.choices if each[0]])
    callable_by = number("", "Number of a contact: whom its licence lets it call.", kind=_CallableBy)
