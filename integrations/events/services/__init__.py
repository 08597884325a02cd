"""What the event service can do. `subscribing`: endpoints; `filtering`: filters; `directory`: what events refer to."""

from integrations.events.services.ingesting import Ingested, ingest
from integrations.events.services.publishing import SEQUENCE_TASK, publish, publish_all, register_sink, sinks

__all__ = ["SEQUENCE_TASK", "Ingested", "ingest", "publish", "publish_all", "register_sink", "sinks"]
