from django.urls import path

from integrations.workorders import views

app_name = "workorders"
urlpatterns = [path("photos/<str:token>/", views.photo, name="photo")]
