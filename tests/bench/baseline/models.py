from django.db import models


class Webhook(models.Model):
    source = models.CharField(max_length=100)
    payload = models.JSONField()
    headers = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, default="new")

    class Meta:
        app_label = "baseline"


class Session(models.Model):
    resource_id = models.CharField(max_length=255, unique=True)
    work_order = models.CharField(max_length=100)
    document = models.JSONField()
    written_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "baseline"


class Photo(models.Model):
    file = models.ImageField(upload_to="photos")
    thumbnail = models.ImageField(upload_to="thumbnails", null=True)
    received_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, default="new")
    measures = models.JSONField(default=dict)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "baseline"


class Outgoing(models.Model):
    url = models.CharField(max_length=2048)
    body = models.TextField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "baseline"
