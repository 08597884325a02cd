from django.urls import path

from integrations.analytics.api import views

app_name = "analytics"
urlpatterns = [
    path("api/v1/reports/time-to-resolution/", views.TimeToResolution.as_view(), name="time_to_resolution"),
]
