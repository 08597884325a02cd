"""Recognition events with invented values, in the forms that platforms push and agents hand over."""

from typing import Any

AGENT = "0d0d0d0d-1111-4222-8333-000000000001"
GROUP, OTHER_GROUP = "0b0b0b0b-1111-4222-8333-000000000001", "0b0b0b0b-1111-4222-8333-000000000002"
PROFILE = "0e0e0e0e-1111-4222-8333-000000000001"
TYPES = ("identification", "non_identification", "har", "roi", "crossing", "face_hide_control")
OBJECTS: dict[str, dict[str, Any]] = {
    "har": {"action": "fall"},
    "roi": {"region_id": "04040404-1111-4222-8333-000000000001", "region_name": "Loading bay", "state": "in"},
    "crossing": {"line_name": "Door", "direction": "forward"},
    "face_hide_control": {"status": "hidden_or_low_quality"},
}


def camera(number: int = 1) -> str:
    return f"0c0c0c0c-1111-4222-8333-{number:012}"


def event_id(number: int = 1) -> str:
    return f"01010101-1111-4222-8333-{number:012}"


def image(number: int = 1) -> str:
    return f"02020202-1111-4222-8333-{number:012}"


def handed(number: int = 1, *, type: str = "roi", source: int = 1, **values: Any) -> dict[str, Any]:
    """An event as an agent hands it over (sheet, 4.4)."""
    item = {"id": event_id(number), "type": type, "date": "2024-06-01T12:00:00.25Z", "source": camera(source)}
    if type in OBJECTS:
        item[type] = OBJECTS[type]  # type: ignore[assignment]
    return item | values


def seen(number: int = 1, *profiles: str, **values: Any) -> dict[str, Any]:
    """An identification as an agent hands it over."""
    data = [{"profile_id": profile, "confidence": 0.91} for profile in profiles or (PROFILE,)]
    return handed(number, type="identification", identification_data=data, **values)


def pushed(number: int = 1, *, groups: tuple[str, ...] = (GROUP,), **values: Any) -> dict[str, Any]:
    """An identification as a platform pushes it (sheet, 4.3)."""
    return {
        "type": "identification",
        "activity_id": "0a0a0a0a-1111-4222-8333-000000000001",
        "camera": {
            "id": camera(),
            "type": "IP",
            "title": "rtsp://root:se/cr@et@10.0.0.5/main",
            "stream": "rtsp://root:secret@10.0.0.5/main",
            "real_name": None,
            "agent_id": AGENT,
        },
        "candidates": [
            {
                "profile": {
                    "id": PROFILE,
                    "age": 41,
                    "gender": "FEMALE",
                    "avatar_id": image(9),
                    "main_sample_id": image(9),
                    "sample_link": f"http://omni.example/get-image/{image(9)}",
                },
                "profile_groups": [{"id": group, "color": "red.600"} for group in groups],
                "confidence": 0.91,
            }
        ],
        "event": {
            "id": event_id(number),
            "detection_date": "2024-06-01 12:00:00.250000+00:00",
            "image": image(1),
            "original_image": image(2),
            "image_link": f"http://omni.example/event-service/get-image/{image(1)}",
            "original_image_link": f"http://omni.example/event-service/get-image/{image(2)}",
        },
    } | values
