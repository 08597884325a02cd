from django.urls import path

from tests.bench.baseline.views import ReceiveView

urlpatterns = [path("hooks/<str:source>/", ReceiveView.as_view())]
