"""What others are offered over HTTP: the REST API with its OpenAPI document, and links to photos."""

import environ

env = environ.FileAwareEnv()

# A link to a photo holds for one to two of these periods.
PHOTO_LINK_DAYS = env.int("PHOTO_LINK_DAYS", default=30)

# How often one token may call the API.
API_RATE = env.str("API_RATE", default="1200/min")

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["integrations.connections.authentication.ApiTokenAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "integrations.core.problems.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": ["integrations.connections.throttling.TokenThrottle"],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fieldport API",
    "DESCRIPTION": "Work orders in, sessions, photos and writes out.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
