from django.apps import AppConfig


class StoresConfig(AppConfig):
    name = "integrations.stores"
    label = "stores"
    verbose_name = "Data stores"

    def ready(self) -> None:
        from integrations.core import work
        from integrations.schedules import jobs
        from integrations.stores import asking, config, loading, retention
        from integrations.stores.models import StoreLoad

        work.register(StoreLoad, task=loading.TASK)
        jobs.register(
            "stores.loads",
            label="Start the loads into data stores that are due",
            every=asking.EVERY,
            run=asking.start_due,
        )
        retention.register()
        config.register_sections()
