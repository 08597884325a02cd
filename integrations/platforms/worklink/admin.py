from integrations.platforms.worklink import admin_links, admin_pages, admin_stored

# Their import registers them.
__all__ = ["admin_links", "admin_pages", "admin_stored"]
