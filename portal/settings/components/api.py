"""What others are offered over HTTP: the REST API with its OpenAPI document, and links to photos."""

import environ

env = environ.FileAwareEnv()

# A link to a photo holds for one to two of these periods.
PHOTO_LINK_DAYS = env.int("PHOTO_LINK_DAYS", default=30)

# How often one token may call the API.
API_RATE = env.str("API_RATE", default="1200/min")

# Whether the event service's GraphQL API tells its schema.
GRAPHQL_INTROSPECTION = env.bool("GRAPHQL_INTROSPECTION", default=True)

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "integrations.connections.api.schema.Schema",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["integrations.connections.authentication.ApiTokenAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "integrations.core.problems.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": ["integrations.connections.throttling.TokenThrottle"],
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is refused: the document describes what there is
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is refused like any other unknown name
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fieldport API",
    "DESCRIPTION": (
        "Work orders in; sessions, calls, photos, received webhooks, writes and runs of scripts out; decisions, "
        "retries and replays. Lists are paged by `next`; errors are problem details (RFC 9457) with a `code` that "
        "stays."
    ),
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DeliveryState": "integrations.outbox.models.DeliveryState",
        "EndpointType": "integrations.events.models.EndpointType",
        "RunState": "integrations.scripts.models.RunState",
        "WorkState": "integrations.core.work.WorkState",
        "WriteState": "integrations.sync.choices.WriteState",
    },
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
