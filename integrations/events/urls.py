from django.urls import path

from integrations.events import views
from integrations.events.api import views as api
from integrations.events.graphql import views as graphql_views

app_name = "events"
urlpatterns = [
    path("event-service/ingest/events", views.ingest, name="ingest"),
    path("event-service/get-image/<str:image_id>", views.picture, name="picture"),
    path("get-image/<str:image_id>", views.picture, name="sample"),
    path("event-service/graphql", graphql_views.graphql, name="graphql"),
    path("api/v1/endpoints/", api.EndpointList.as_view(), name="endpoints"),
    path("api/v1/endpoints/<uuid:pk>/", api.EndpointDetail.as_view(), name="endpoint"),
    path("api/v1/event-filters/", api.FilterList.as_view(), name="event_filters"),
    path("api/v1/event-filters/<uuid:pk>/", api.FilterDetail.as_view(), name="event_filter"),
    path("api/v1/events/", api.EventFeed.as_view(), name="events"),
]
