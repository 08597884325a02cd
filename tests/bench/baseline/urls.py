from django.urls import path

from tests.bench.baseline.views import PhotoView, ReceiveView

urlpatterns = [
    path("hooks/<str:source>/", ReceiveView.as_view()),
    path("photos/", PhotoView.as_view()),
    path("photos/<int:pk>/", PhotoView.as_view()),
]
