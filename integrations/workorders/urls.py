from django.urls import path

from integrations.workorders import views
from integrations.workorders.api import docs
from integrations.workorders.api import views as api

app_name = "workorders"
urlpatterns = [
    path("photos/<str:token>/", views.photo, name="photo"),
    path("api/schema/", docs.SchemaView.as_view(), name="schema"),
    path("api/docs/", docs.DocsView.as_view(), name="docs"),
    path("api/v1/work-orders/", api.WorkOrderListView.as_view(), name="list"),
    path("api/v1/systems/<slug:system>/work-orders/<path:external_id>/", api.WorkOrderView.as_view(), name="order"),
]
