"""Who may get in, and what a page may load."""

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import env

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# Scripts do not run with a jail weaker than this. Production asks for the strongest.
SCRIPT_JAIL_REQUIRED = env.str("SCRIPT_JAIL_REQUIRED", default="none")
if SCRIPT_JAIL_REQUIRED not in ("none", "rlimits", "seccomp"):
    raise ImproperlyConfigured(
        f"SCRIPT_JAIL_REQUIRED is {SCRIPT_JAIL_REQUIRED!r}; it must be seccomp, rlimits or none."
    )

# HEIC is not decoded in a jail weaker than this; it never has less than limits.
HEIC_JAIL_REQUIRED = env.str("HEIC_JAIL_REQUIRED", default="rlimits")
if HEIC_JAIL_REQUIRED not in ("rlimits", "seccomp"):
    raise ImproperlyConfigured(f"HEIC_JAIL_REQUIRED is {HEIC_JAIL_REQUIRED!r}; it must be seccomp or rlimits.")

# A name is locked together with the address it is tried from, so that nobody can lock out the administrator.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "desk/locked.html"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
