from django.urls import path, re_path

from integrations.camera.views import files, photos, shell, visits

app_name = "camera"
CONNECTOR, API = "field/connector", "field/api"
VISIT = f"{API}/visits/<uuid:visit>/"
urlpatterns = [
    # Any id opens the page: whether there is something behind it is told to who has a token.
    re_path(rf"^{CONNECTOR}/(?:work_item|input|work_order)/[^/]+/?$", shell.shell, name="shell"),
    path("field/sw.js", shell.service_worker, name="service_worker"),
    path(f"{API}/visits", visits.begin, name="begin"),
    path(VISIT, visits.state, name="visit"),
    path(f"{VISIT}items", visits.add_item, name="add_item"),
    path(f"{VISIT}items/<uuid:item>/uploads/<str:key>", photos.upload, name="upload"),
    path(f"{VISIT}items/<uuid:item>/issues", photos.report, name="report"),
    path(f"{VISIT}inputs/<uuid:uuid>", visits.photo, name="photo"),
    path(f"{VISIT}inputs/<uuid:uuid>/corrections", photos.correct, name="correct"),
    path(f"{VISIT}inputs/<uuid:uuid>/analyses", photos.analyse_again, name="analyse_again"),
    path(f"{VISIT}leave", visits.leave, name="leave"),
    path("field/examples/<str:token>/", files.example, name="example"),
    path("field/documents/<str:token>/", files.document, name="document"),
]
