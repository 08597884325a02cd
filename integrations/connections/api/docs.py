"""The OpenAPI document, and a viewer that keeps to our content policy: no inline script, no inline style."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    """Open to everyone: it describes the API and holds no facts."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class DocsView(SpectacularSwaggerSplitView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    template_name = "connections/api_docs.html"
    url_name = "connections:schema"
