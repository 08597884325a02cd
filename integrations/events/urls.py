from django.urls import path

from integrations.events import views

app_name = "events"
urlpatterns = [
    path("event-service/ingest/events", views.ingest, name="ingest"),
]
