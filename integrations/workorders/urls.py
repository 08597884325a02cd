from django.urls import path

from integrations.workorders import views
from integrations.workorders.api import orders, photos, unmatched

app_name = "workorders"
V1 = "api/v1"
urlpatterns = [
    path("photos/<str:token>/", views.photo, name="photo"),
    path(f"{V1}/work-orders/", orders.WorkOrderList.as_view(), name="list"),
    path(f"{V1}/work-orders/<int:pk>/", orders.WorkOrderDetail.as_view(), name="order"),
    path(f"{V1}/work-orders/<int:pk>/timeline/", orders.WorkOrderTimeline.as_view(), name="timeline"),
    path(
        f"{V1}/systems/<slug:system>/work-orders/<path:external_id>/",
        orders.WorkOrderInSystem.as_view(),
        name="order_in_system",
    ),
    path(f"{V1}/photos/", photos.PhotoList.as_view(), name="photos"),
    path(f"{V1}/photos/<int:pk>/", photos.PhotoDetail.as_view(), name="photo_detail"),
    path(f"{V1}/unmatched/", unmatched.UnmatchedList.as_view(), name="unmatched"),
    path(f"{V1}/unmatched/<int:pk>/", unmatched.UnmatchedDetail.as_view(), name="unmatched_detail"),
    path(f"{V1}/unmatched/<int:pk>/assign/", unmatched.Assign.as_view(), name="assign"),
    path(f"{V1}/unmatched/<int:pk>/dismiss/", unmatched.Dismiss.as_view(), name="dismiss"),
]
