from django.urls import path

from integrations.outbox.api import views

app_name = "outbox"
urlpatterns = [
    path("api/v1/deliveries/", views.DeliveryList.as_view(), name="deliveries"),
    path("api/v1/deliveries/<int:pk>/", views.DeliveryDetail.as_view(), name="delivery"),
    path("api/v1/deliveries/<int:pk>/resend/", views.SendAgain.as_view(), name="send_again"),
    path("api/v1/delivery-resends/", views.ResendList.as_view(), name="resends"),
    path("api/v1/delivery-resends/<int:pk>/", views.ResendDetail.as_view(), name="resend"),
    path("api/v1/delivery-resends/<int:pk>/stop/", views.Stop.as_view(), name="stop_resend"),
]
