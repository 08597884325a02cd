from integrations.platforms.worklink import (
    admin_catalogs,
    admin_contacts,
    admin_imports,
    admin_links,
    admin_listings,
    admin_pages,
    admin_stored,
)

# Their imports register them.
__all__ = [
    "admin_catalogs",
    "admin_contacts",
    "admin_imports",
    "admin_links",
    "admin_listings",
    "admin_pages",
    "admin_stored",
]
