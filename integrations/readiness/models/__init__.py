"""What is known of a system of record before anything is written to it, and what was tried on it."""

from integrations.readiness.models.questionnaire import Item, Questionnaire, document_of
from integrations.readiness.models.trials import FieldTrial

__all__ = ["FieldTrial", "Item", "Questionnaire", "document_of"]
