"""What every part of the REST API shares: views behind a token, pages by key, filters, problem details, the document.

An app adds its part as `<app>/api/` (serializers, filters, views), its addresses in `<app>/urls.py`, its scopes in
`AppConfig.ready()`. See docs/api.md, "Adding to it".
"""
