from integrations.camera import admin_catalogue, admin_tokens

__all__ = ["admin_catalogue", "admin_tokens"]  # their imports register them
