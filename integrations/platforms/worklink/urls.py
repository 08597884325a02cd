from django.urls import path

from integrations.platforms.worklink.api import views
from integrations.platforms.worklink.views import link_code, link_page

app_name = "worklink"
urlpatterns = [
    path("api/v1/sessions/", views.SessionList.as_view(), name="sessions"),
    path("api/v1/sessions/<int:pk>/", views.SessionDetail.as_view(), name="session"),
    path("api/v1/calls/", views.CallList.as_view(), name="calls"),
    path("api/v1/calls/<int:pk>/", views.CallDetail.as_view(), name="call"),
    path("l/<str:token>/", link_page, name="link_page"),
    path("l/<str:token>/<int:link>.svg", link_code, name="link_code"),
]
