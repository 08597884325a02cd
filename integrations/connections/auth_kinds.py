"""The kinds of credentials."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuthKind(models.TextChoices):
    NONE = "NONE", _("none")
    BEARER = "BEARER", _("bearer token")
    BASIC = "BASIC", _("user and password")
    HEADER = "HEADER", _("key in a header")
    QUERY = "QUERY", _("key in the query")
    OAUTH2_CLIENT = "OAUTH2_CLIENT", _("OAuth2 client credentials")
    JWT_BEARER = "JWT_BEARER", _("OAuth2 JWT bearer")
    REFRESH_TOKEN = "REFRESH_TOKEN", _("OAuth2 refresh token")
    PLATFORM = "PLATFORM", _("the platform's own")
