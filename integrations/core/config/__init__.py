"""Configuration as code: what an admin configures, as one YAML file that is exported, compared and applied.

An app registers a `Section` for each kind of row in its `config.py`, from `AppConfig.ready()`.
"""

from integrations.core.config.sections import Section, all_sections, register

__all__ = ["Section", "all_sections", "register"]
