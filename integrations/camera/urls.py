from django.urls import include, path, re_path

from integrations.camera.api import analyses, batches, groups, orders
from integrations.camera.api.items import views as items
from integrations.camera.api.nothing import NothingHere
from integrations.camera.views import files, handing, photos, shell, sign_in, visits

app_name = "camera"
CONNECTOR, API = "field/connector", "field/api"
VISIT = f"{API}/visits/<uuid:visit>/"
# Both with a slash at the end and without: a redirect would lose what a write carries.
ORDER = r"^work-orders/(?P<order_id>[^/]+)"
V02 = [
    re_path(r"^work-orders/?$", orders.Orders.as_view(), name="api_orders"),
    re_path(rf"{ORDER}/?$", orders.Order.as_view(), name="api_order"),
    re_path(rf"{ORDER}/analyze/?$", analyses.Analyze.as_view(), name="api_analyze"),
    re_path(rf"{ORDER}/tasks/(?P<task_id>[^/]+)/correction/?$", analyses.Correct.as_view(), name="api_correct"),
    re_path(r"^task-groups/?$", groups.Groups.as_view(), name="api_groups"),
    re_path(r"^task-groups/(?P<name>[^/]+)/?$", groups.Group.as_view(), name="api_group"),
    re_path(r"^batches/?$", batches.Batches.as_view(), name="api_batches"),
    path("uploads/<str:token>", batches.upload, name="api_batch_upload"),
    re_path(r"^batches/(?P<batch_id>[^/]+)/?$", batches.OneBatch.as_view(), name="api_batch"),
    re_path("^.*$", NothingHere.as_view()),
]
urlpatterns = [
    # Any id opens the page: whether there is something behind it is told to who has a token.
    re_path(rf"^{CONNECTOR}/(?:work_item|input|work_order)/[^/]+/?$", shell.shell, name="shell"),
    path("field/sign-in/", sign_in.SignIn.as_view(), name="sign_in"),
    path("field/sw.js", shell.service_worker, name="service_worker"),
    path(f"{API}/visits", visits.begin, name="begin"),
    path(VISIT, visits.state, name="visit"),
    path(f"{VISIT}items", visits.add_item, name="add_item"),
    path(f"{VISIT}items/<uuid:item>/uploads/<str:key>", photos.upload, name="upload"),
    path(f"{VISIT}items/<uuid:item>/issues", photos.report, name="report"),
    path(f"{VISIT}inputs/<uuid:uuid>", visits.photo, name="photo"),
    path(f"{VISIT}inputs/<uuid:uuid>/corrections", photos.correct, name="correct"),
    path(f"{VISIT}inputs/<uuid:uuid>/analyses", photos.analyse_again, name="analyse_again"),
    path(f"{VISIT}items/<uuid:item>/hand-overs", handing.begin, name="hand_over_begin"),
    path(f"{VISIT}hand-overs/<uuid:uuid>", handing.page, name="hand_over"),
    path(f"{VISIT}hand-overs/<uuid:uuid>/back/<str:key>", handing.back, name="hand_over_back"),
    path(f"{VISIT}leave", visits.leave, name="leave"),
    path("field/examples/<str:token>/", files.example, name="example"),
    path("field/documents/<str:token>/", files.document, name="document"),
    path("v0.2/", include(V02)),
    path("api/v1/items/", items.ItemList.as_view(), name="items"),
    path("api/v1/items/<int:pk>/", items.ItemDetail.as_view(), name="item"),
]
