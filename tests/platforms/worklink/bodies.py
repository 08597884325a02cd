"""Notifications as they come, built from their parts."""

import json

CMS = "https://cms.example.test/api/v3/graphql/object"


def a1(resource_id: str, *, type: str = "ScenarioSession", event: str = "update", url: str = "") -> str:
    """Generation A with hyphens: what the vendor's demonstration reads."""
    data = {"resource-id": resource_id, "resource-url": url or f"{CMS}/{resource_id}", "resource-type": type}
    return json.dumps({"time": "2024-05-14T09:31:07Z", "event": event, "type": "resource", "data": data})


def a2(resource_id: str, *, type: str = "ScenarioSession", event: str = "updated") -> str:
    """Generation A with underscores: what the briefs name."""
    data = {"resource_id": resource_id, "resource_url": f"{CMS}/{resource_id}", "resource_type": type}
    return json.dumps({"time": "2024-05-14T09:31:07Z", "event": event, "type": "resource", "data": data})
