"""Puts our site in the place of Django's, so that every `@admin.register` lands on it."""

from django.contrib.admin.apps import AdminConfig


class FieldportAdminConfig(AdminConfig):
    default_site = "integrations.desk.site.FieldportSite"
