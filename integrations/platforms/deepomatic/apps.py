from django.apps import AppConfig


class DeepomaticConfig(AppConfig):
    name = "integrations.platforms.deepomatic"
    label = "deepomatic"
    verbose_name = "Deepomatic"

    def ready(self) -> None:
        from integrations.camera.engines import contract
        from integrations.camera.models import Engine
        from integrations.connections import checks as connection_checks
        from integrations.connections import setting_schema
        from integrations.core import platforms, registries, work
        from integrations.events.services import register_sink
        from integrations.platforms.deepomatic import auth, checks, engine, handing, importing, options, sinks, timeline
        from integrations.platforms.deepomatic.adapter import DeepomaticAdapter
        from integrations.platforms.deepomatic.models import CORRECT_TASK, CorrectionPush

        platforms.register(DeepomaticAdapter())
        setting_schema.register(options.SLUG, options.SETTINGS, address=options.address_of)
        auth.register_auth()
        connection_checks.register(options.SLUG, checks.check)
        contract.register(Engine.DEEPOMATIC, engine.engine_of, check=engine.check)
        contract.register(Engine.HAND_OVER, handing.handing_engine_of, check=engine.check)
        work.register(CorrectionPush, task=CORRECT_TASK)
        register_sink(sinks.answer)
        importing.register_source()
        registries.register_timeline(timeline.entries)
