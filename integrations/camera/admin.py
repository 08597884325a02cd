from integrations.camera import admin_tokens

__all__ = ["admin_tokens"]  # their imports register them
