from django.urls import path

from integrations.scripts.api import views

app_name = "scripts"
urlpatterns = [
    path("api/v1/runs/", views.RunList.as_view(), name="runs"),
    path("api/v1/runs/<int:pk>/", views.RunDetail.as_view(), name="run"),
    path("api/v1/runs/<int:pk>/retry/", views.Retry.as_view(), name="retry"),
    path("api/v1/runs/<int:pk>/replay/", views.Replay.as_view(), name="replay"),
    path("api/v1/scripts/", views.ScriptList.as_view(), name="scripts"),
    path("api/v1/scripts/<slug:slug>/", views.ScriptDetail.as_view(), name="script"),
    path("api/v1/scripts/<slug:slug>/run/", views.Run.as_view(), name="run_script"),
]
