from dataclasses import dataclass


@dataclass
class WorkLinkSettings:
    """How this CMS differs from another one, and how it behaves."""

    call_type: str = "CallSession"  # or "Call"
    removed_fields: tuple[str, ...] = ()  # "ScenarioSession.idleDuration", "Mutation.createWebhookSubscription" …
    paging_by_cursor: bool = True  # lists take `after`
    paging_by_index: bool = True  # root lists take `afterIndex`: how many items to skip
    first_required: bool = True  # on root lists; nested ones without it answer 25, as the vendor's samples show
    cms_version: str = "2.28.1"
    private_access_code: str | None = None
    link_seconds: float = 3600
    event_data_as_string: bool = False
    unreadable_ms: int = 0  # a new node is not found for that long
    opaque_ids: bool = False  # ids of 44 characters with / + and =
    photo_side: int = 160  # pixels
    generated_sessions: int = 0  # so many finished ones are listed, made when they are asked for


@dataclass
class WebhookSettings:
    """Generation A: one address per organization. Generation B: the subscriptions. Both may be on."""

    urls: tuple[str, ...] = ()
    variant: str = "A1"  # A1 hyphens, A2 underscores, mixed
    verbs: str = "short"  # create/update, or long: created/updated/paused/resumed/finished
    early_call_create: bool = True
    duplicates: int = 0  # further copies of each notification
    delay: float = 0.0  # seconds
    reorder_seconds: float = 0.0  # each is delayed by 0 to that many seconds
    drop_percent: float = 0.0
    wrong_signature: bool = False
    unknown_percent: float = 0.0  # accompanied by one of a type that nobody knows
    burst: int = 0  # further `updated` notifications for each change
