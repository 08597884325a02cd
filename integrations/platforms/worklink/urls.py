from django.urls import path

from integrations.platforms.worklink.api import catalog_views, views

app_name = "worklink"
urlpatterns = [
    path("api/v1/sessions/", views.SessionList.as_view(), name="sessions"),
    path("api/v1/sessions/<int:pk>/", views.SessionDetail.as_view(), name="session"),
    path("api/v1/calls/", views.CallList.as_view(), name="calls"),
    path("api/v1/calls/<int:pk>/", views.CallDetail.as_view(), name="call"),
    path("api/v1/scenario-catalogs/", catalog_views.CatalogList.as_view(), name="catalogs"),
    path("api/v1/scenario-catalogs/<int:pk>/", catalog_views.CatalogDetail.as_view(), name="catalog"),
    path("api/v1/contacts/", catalog_views.ContactList.as_view(), name="contacts"),
    path("api/v1/contacts/<int:pk>/", catalog_views.ContactDetail.as_view(), name="contact"),
]
