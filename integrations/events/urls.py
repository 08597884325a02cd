from django.urls import path

from integrations.events import views
from integrations.events.graphql import views as graphql_views

app_name = "events"
urlpatterns = [
    path("event-service/ingest/events", views.ingest, name="ingest"),
    path("event-service/graphql", graphql_views.graphql, name="graphql"),
]
