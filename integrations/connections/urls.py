from django.urls import path, re_path

from integrations.connections.api.docs import DocsView, SchemaView
from integrations.connections.api.views import NothingHere

app_name = "connections"
urlpatterns = [
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", DocsView.as_view(), name="docs"),
    re_path("^api/v1/.*$", NothingHere.as_view(), name="nothing"),
]
