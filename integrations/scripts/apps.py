from django.apps import AppConfig


class ScriptsConfig(AppConfig):
    name = "integrations.scripts"
    label = "scripts"
    verbose_name = "Scripts"

    def ready(self) -> None:
        from django.core import checks
        from django.utils.translation import gettext_lazy as _

        from integrations.connections import scopes
        from integrations.core import registries, work
        from integrations.events.services import register_sink
        from integrations.scripts import config, counters, retention, services, sinks, system_checks, tables, timeline
        from integrations.scripts.models import DRAIN_TASK, TIMER_TASK, ScriptLane, ScriptTimer
        from integrations.sync.scripted import Origins, register_origins
        from integrations.workorders.api import related

        checks.register(system_checks.check_jail)
        work.register(ScriptLane, task=DRAIN_TASK)
        work.register(ScriptTimer, task=TIMER_TASK)
        register_sink(sinks.answer)
        register_origins(Origins("scriptrun", "run of a script", url=services.run_url, resume=services.resume))
        related.register(runs="scripts:runs")
        scopes.register(
            {
                "runs:read": _("read runs of scripts"),
                "runs:write": _("retry and replay runs, run scripts by hand"),
                "scripts:read": _("read scripts"),
            }
        )
        registries.register_timeline(timeline.entries)
        registries.register_counters(counters.counters)
        retention.register()
        tables.register_tables()
        config.register_sections()
