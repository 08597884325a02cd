from importlib.util import find_spec

from django.apps import apps
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

# From the upper floors down: the lowest answers for addresses of the API that lead nowhere.
OURS = [config.name for config in apps.get_app_configs() if config.name.startswith("integrations.")]

handler500 = "integrations.core.problems.server_error"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    *(path("", include(f"{app}.urls")) for app in OURS if find_spec(f"{app}.urls")),
]
