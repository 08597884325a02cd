from django.urls import path

from integrations.inbox.api import views

app_name = "inbox"
urlpatterns = [
    path("api/v1/webhooks/", views.WebhookList.as_view(), name="webhooks"),
    path("api/v1/webhooks/<int:pk>/", views.WebhookDetail.as_view(), name="webhook"),
    path("api/v1/webhook-replays/", views.ReplayList.as_view(), name="replays"),
    path("api/v1/webhook-replays/<int:pk>/", views.ReplayDetail.as_view(), name="replay"),
    path("api/v1/webhook-replays/<int:pk>/stop/", views.Stop.as_view(), name="stop_replay"),
]
