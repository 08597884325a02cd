from integrations.platforms.worklink import admin_stored

# Its import registers it.
__all__ = ["admin_stored"]
