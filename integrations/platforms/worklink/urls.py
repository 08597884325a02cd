from django.urls import path

from integrations.platforms.worklink.api import catalog_views, link_codes, links, views
from integrations.platforms.worklink.views import link_code, link_page

app_name = "worklink"
urlpatterns = [
    path("api/v1/sessions/", views.SessionList.as_view(), name="sessions"),
    path("api/v1/sessions/<int:pk>/", views.SessionDetail.as_view(), name="session"),
    path("api/v1/calls/", views.CallList.as_view(), name="calls"),
    path("api/v1/calls/<int:pk>/", views.CallDetail.as_view(), name="call"),
    path("l/<str:token>/", link_page, name="link_page"),
    path("l/<str:token>/<int:link>.svg", link_code, name="link_code"),
    path("api/v1/deep-links/", links.IssueLink.as_view(), name="issue_link"),
    path("api/v1/deep-links/<int:pk>/", links.LinkDetail.as_view(), name="link"),
    path("api/v1/deep-links/<int:pk>/qr.svg", link_codes.SvgCode.as_view(), name="qr_svg"),
    path("api/v1/deep-links/<int:pk>/qr.png", link_codes.PngCode.as_view(), name="qr_png"),
    path("api/v1/work-orders/<int:pk>/links/", links.WorkOrderLinks.as_view(), name="order_links"),
    path("api/v1/scenario-catalogs/", catalog_views.CatalogList.as_view(), name="catalogs"),
    path("api/v1/scenario-catalogs/<int:pk>/", catalog_views.CatalogDetail.as_view(), name="catalog"),
    path("api/v1/contacts/", catalog_views.ContactList.as_view(), name="contacts"),
    path("api/v1/contacts/<int:pk>/", catalog_views.ContactDetail.as_view(), name="contact"),
]
