from integrations.platforms.worklink import admin_imports, admin_stored

# Their import registers them.
__all__ = ["admin_imports", "admin_stored"]
