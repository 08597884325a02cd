"""Who may send field workers to the camera, their visits, and how they were sent back."""

import hashlib
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from integrations.camera.models.catalogue import Site
from integrations.camera.models.keys import LinkBy
from integrations.camera.models.orders import FieldOrder, WorkItem
from integrations.core.ids import current_correlation_id


class Flow(models.TextChoices):
    """When the user is sent back (vendor sheet, 2.7)."""

    AFTER = "after_analysis", _("after the analysis")
    BEFORE = "before_analysis", _("before the analysis")


class ConnectorToken(models.Model):
    """A token that opens the camera: below 256 characters, no `&`; kept as a hash and shown once."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="tokens")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    sign_in = models.BooleanField(
        default=False,
        help_text=_("For addresses with site_id and no token: users sign in with their account. One for each site."),
    )
    default_callback = models.CharField(max_length=2000)
    flow = models.CharField(max_length=16, choices=Flow, default=Flow.AFTER)
    link_by = models.CharField(max_length=8, choices=LinkBy, default=LinkBy.NAME)
    link_metadata_key = models.CharField(max_length=100, blank=True, default="")
    technician_metadata_key = models.CharField(
        max_length=100, blank=True, default="", help_text=_("Names the technician; shown as unverified.")
    )
    callback_targets = models.JSONField(
        default=list, blank=True, help_text=_("Allowed targets beside the default's: https://host/path, fsmapp:")
    )
    any_https_callback = models.BooleanField(default=False, help_text=_("Accept every https callback, as is."))
    input_id_on_cancel = models.BooleanField(default=False)
    error_parameter = models.BooleanField(default=True, help_text=_("Tell a refused visit's reason as error=…"))
    messages_parameter = models.CharField(max_length=40, default="conformity_messages")
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    history = HistoricalRecords(excluded_fields=["token_hash", "last_used_at"])

    class Meta:
        verbose_name = _("connector token")
        constraints = [
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(sign_in=True, revoked_at__isnull=True),
                name="camera_connectortoken_one_for_signing_in",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash_of(value: str) -> str:
        return hashlib.sha256(value.encode()).hexdigest()


class Scenario(models.TextChoices):
    """The scenarios of the vendor sheet, 2.3, and the work order page of section 3."""

    CREATE = "CREATE", _("new order and item")
    ADD = "ADD", _("new item in an order")
    RETAKE = "RETAKE", _("an item again")
    ANALYSIS = "ANALYSIS", _("analysis view")
    ORDER = "ORDER", _("work order page")


class Visit(models.Model):
    """One arrival of a user's browser with a token. `secret_hash` is of its cookie, which opens this order alone.

    `query` is the query string as it came, without the fragment; `state` the caller's characters, untouched.
    """

    token = models.ForeignKey(ConnectorToken, models.CASCADE, related_name="visits")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", help_text=_("Signed in.")
    )
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    scenario = models.CharField(max_length=8, choices=Scenario)
    idempotency_key = models.CharField(max_length=64)
    path = models.CharField(max_length=200, blank=True, default="")
    secret_hash = models.CharField(max_length=64, blank=True, default="")
    order = models.ForeignKey(FieldOrder, models.SET_NULL, null=True, blank=True, related_name="visits")
    item = models.ForeignKey(WorkItem, models.SET_NULL, null=True, blank=True, related_name="visits")
    input_uuid = models.UUIDField(null=True, blank=True, help_text=_("The input that an analysis view shows."))
    state = models.TextField(null=True, blank=True)  # noqa: DJ001  null: none was sent; empty: an empty one was
    callback = models.TextField(blank=True, default="", help_text=_("Where the user goes back to; checked."))
    callback_refused = models.CharField(max_length=300, blank=True, default="")
    use_fragment = models.BooleanField(default=False)
    query = models.TextField(blank=True, default="")
    device = models.CharField(max_length=300, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    technician = models.CharField(max_length=200, blank=True, default="")
    error = models.CharField(max_length=40, blank=True, default="")
    photos = models.PositiveIntegerField(default=0)
    corrected = models.BooleanField(default=False)
    arrived_at = models.DateTimeField(default=timezone.now, db_index=True)
    seen_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)
    subject = models.CharField(max_length=120, blank=True, default="", db_index=True)
    correlation_id = models.CharField(max_length=40, blank=True, default=current_correlation_id)

    class Meta:
        verbose_name = _("visit")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["token", "idempotency_key"], name="camera_visit_is_made_once"),
        ]
        indexes = (
            models.Index(
                fields=["expires_at"],
                condition=Q(left_at__isnull=True, abandoned_at__isnull=True),
                name="camera_visit_still_open",
            ),
        )

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Callback(models.Model):
    """One way back: the parameters that the field app was given. A hint; the truth is in the API."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="callbacks")
    url = models.TextField()
    status = models.CharField(max_length=20, blank=True, default="")
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    input_uuid = models.UUIDField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("callback")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"callback {self.pk}"


class Upload(models.Model):
    """A photo on its way, piece by piece; gone when it has become an input, whose `uuid` it has from the beginning.

    `key` is chosen by the device. `received` bytes of the file at `path`, below the folder of uploads, are on the disk.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="uploads")
    key = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    content_type = models.CharField(max_length=40, blank=True, default="")
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["item", "key"], name="camera_upload_is_one_per_photo")]

    def __str__(self) -> str:
        return self.key


class Issue(models.Model):
    """What a field worker reported from the result screen."""

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="issues")
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True, blank=True, related_name="+")
    client_key = models.CharField(max_length=64, help_text=_("Chosen by the device."))
    category = models.CharField(max_length=40)
    text = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("reported issue")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["item", "client_key"], name="camera_issue_is_reported_once")]

    def __str__(self) -> str:
        return self.category
