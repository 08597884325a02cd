from integrations.platforms.worklink import admin_catalogs, admin_contacts, admin_imports, admin_stored

# Their import registers them.
__all__ = ["admin_catalogs", "admin_contacts", "admin_imports", "admin_stored"]
