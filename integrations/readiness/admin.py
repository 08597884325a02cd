"""The pages of readiness in the admin."""

from integrations.readiness import admin_questionnaire, admin_trials

__all__ = ["admin_questionnaire", "admin_trials"]
