from integrations.camera import (
    admin_batches,
    admin_catalogue,
    admin_keys,
    admin_orders,
    admin_review,
    admin_tokens,
    admin_visits,
)

# Their imports register them.
__all__ = [
    "admin_batches",
    "admin_catalogue",
    "admin_keys",
    "admin_orders",
    "admin_review",
    "admin_tokens",
    "admin_visits",
]
