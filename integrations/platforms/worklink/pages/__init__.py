"""Pages of the admin about links: an order's links, the sheet for many orders, snippets of a template."""
