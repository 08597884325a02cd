from django.urls import path

from integrations.sync.api import views

app_name = "sync"
urlpatterns = [
    path("api/v1/writes/", views.WriteList.as_view(), name="writes"),
    path("api/v1/writes/<int:pk>/", views.WriteDetail.as_view(), name="write"),
    path("api/v1/writes/<int:pk>/retry/", views.Retry.as_view(), name="retry"),
    path("api/v1/writes/<int:pk>/decide/", views.Decide.as_view(), name="decide"),
    path("api/v1/work-orders/<int:pk>/replay/", views.ReplayWorkOrder.as_view(), name="replay"),
]
