from integrations.camera import admin_catalogue, admin_orders, admin_tokens, admin_visits

__all__ = ["admin_catalogue", "admin_orders", "admin_tokens", "admin_visits"]  # their imports register them
