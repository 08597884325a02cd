"""What mappings and scripts may use of photos and work orders."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from integrations.core.platforms import ContextField, ContextKind, context_kind, register_context
from integrations.workorders.links import photo_link
from integrations.workorders.models import Photo, WorkOrder
from integrations.workorders.photos import content_of
from integrations.workorders.selectors import ORDER_FIELDS, ORDER_OPEN_PATHS, iso, order_facts

PHOTO_FIELDS = (
    ContextField("photo.id", "number", "number of the photo in Fieldport"),
    ContextField("photo.external_id", "text", "its id where it comes from"),
    ContextField("photo.label", "text", "label"),
    ContextField("photo.taken_at", "time", "when it was taken"),
    ContextField("photo.link", "text", "signed link that expires", volatile=True),
    ContextField("photo.thumbnail", "text", "signed link to a small picture", volatile=True),
    ContextField("photo.file_name", "text", "file name"),
    ContextField("photo.content_type", "text", "content type"),
    ContextField("photo.width", "number", "width in pixels"),
    ContextField("photo.height", "number", "height in pixels"),
    ContextField("photo.bytes", "number", "size in bytes"),
    ContextField("photo.sha256", "text", "SHA-256 of the kept file"),
    ContextField("photo.source_type", "text", "kind of source"),
    ContextField("photo.source_id", "text", "number of the source in Fieldport"),
)


def register() -> None:
    register_context(
        ContextKind(
            source_type="workorder",
            label="Work order",
            event_types=("workorder.created", "workorder.updated"),
            fields=ORDER_FIELDS,
            load=load_order,
            open_paths=ORDER_OPEN_PATHS,
        )
    )
    register_context(
        ContextKind(
            source_type="photo",
            label="Photo",
            event_types=("photo.stored",),
            fields=(*PHOTO_FIELDS, *ORDER_FIELDS),
            load=load_photo,
            # `source` is the context of what the photo belongs to, such as a session; which kind is known per photo.
            open_paths=("source", *ORDER_OPEN_PATHS),
            file=photo_file,
        )
    )


def load_order(source_id: str) -> dict[str, Any]:
    """:raises WorkOrder.DoesNotExist:"""
    return {"order": order_facts(WorkOrder.objects.get(pk=source_id))}


def load_photo(source_id: str) -> dict[str, Any]:
    """:raises Photo.DoesNotExist:"""
    photo = Photo.objects.select_related("work_order").get(pk=source_id)
    return {"photo": _facts(photo), "order": order_facts(photo.work_order), "source": _source(photo)}


def _facts(photo: Photo) -> dict[str, Any]:
    same = ("external_id", "label", "file_name", "content_type", "width", "height", "bytes", "sha256")
    return {
        "id": photo.pk,
        **{name: getattr(photo, name) for name in (*same, "source_type", "source_id")},
        "taken_at": iso(photo.taken_at),
        "link": photo_link(photo),
        "thumbnail": photo_link(photo, size="small"),
    }


def _source(photo: Photo) -> dict[str, Any]:
    """Return the context of what the photo belongs to; empty if its row or its platform is gone."""
    try:
        return context_kind(photo.source_type).load(photo.source_id)
    except (KeyError, ObjectDoesNotExist):
        return {}


def photo_file(source_id: str) -> tuple[str, str, bytes]:
    """Return name, content type and bytes. :raises Photo.DoesNotExist: :raises FileNotFoundError:"""
    photo = Photo.objects.get(pk=source_id)
    return photo.file_name, photo.content_type, content_of(photo)
