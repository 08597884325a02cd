"""Rows as the schema shows them. What costs a query is a function: it is asked only if the field is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from integrations.events.models import Endpoint, Event, EventFilter
from integrations.events.omni_wire import graphql_data
from integrations.events.selectors.feed import Log

Shape = dict[str, Any]


def collection(rows: "QuerySet[Any]", page: slice, shape: Callable[[Any], Shape]) -> Shape:
    """Return a list: `totalCount` counts what matches before the page is cut."""
    return {
        "totalCount": lambda info: rows.count(),
        "collectionItems": lambda info: [shape(row) for row in rows[page]],
    }


def _kept(row: Endpoint | EventFilter) -> Shape:
    dates: dict[str, datetime] = {"creationDate": row.created_at, "lastModified": row.modified_at}
    return {"id": str(row.pk), "workspaceId": str(row.workspace_id), **dates}


def endpoint(row: Endpoint) -> Shape:
    return {**_kept(row), "name": row.name, "type": row.type, "meta": row.meta}


def event_filter(row: EventFilter) -> Shape:
    """`meta` mirrors the conditions, `workOrder` too, which the schema has no field for."""
    conditions = {
        "cameraIds": row.camera_ids,
        "agentIds": row.agent_ids,
        "profileGroupIds": row.profile_group_ids,
        "eventTypes": row.event_types,
    }
    all_of_them = conditions | ({"workOrder": row.work_order} if row.work_order else {})
    return {
        **_kept(row),
        "name": row.name or None,
        "meta": {"in": all_of_them},
        "conditions": conditions,
        "endpoints": lambda info: [endpoint(each) for each in row.endpoints.all()],
    }


def event(row: Event, log: Log) -> Shape:
    return {
        "id": str(row.uuid),
        "type": row.type.upper(),
        "date": row.occurred_at,
        "data": lambda info: graphql_data(row),
        "agentId": row.agent_id and str(row.agent_id),
        "cameraId": row.camera_id and str(row.camera_id),
        "activityId": row.activity_id and str(row.activity_id),
        "workspaceId": str(row.workspace_id),
        "creationDate": row.created_at,
        "lastModified": row.created_at,  # an event never changes
        "cursor": log.cursor(row.seq or 0),
    }
