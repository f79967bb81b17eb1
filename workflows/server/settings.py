"""Settings of the server. What an operator may change comes from `env`; everything else is decided here."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from workflows.server import env, storage
from workflows.server.setup import built_front_end

BASE_DIR = env.ROOT
DATA = env.data_folder()
DEBUG = env.flag("SLUICE_DEBUG")
SECRET_KEY = env.text("SLUICE_SECRET_KEY") or env.secret(DATA / "secrets", "django-key")
ALLOWED_HOSTS = env.listed("SLUICE_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.listed("SLUICE_ORIGINS")
SECURE = env.flag("SLUICE_HTTPS")  # the server stands behind TLS

INSTALLED_APPS = [
    "annotate",
    "workflows",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_q",
]

MIDDLEWARE = [
    "annotate.kernel.straight.Straight",
    "django.middleware.security.SecurityMiddleware",
    "annotate.kernel.middleware.RequestMarks",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "annotate.kernel.middleware.Problems",
]
# Of these, what a call by token to a hot route passes.
STRAIGHT = [
    "django.middleware.security.SecurityMiddleware",
    "annotate.kernel.middleware.RequestMarks",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "workflows.server.urls"
WSGI_APPLICATION = "workflows.server.wsgi.application"
APPEND_SLASH = False

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "workflows.server.context.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]


def database(url: str) -> dict[str, Any]:
    """Django's settings for `postgresql://user:password@host:port/name?host=/socket&…`.

    Only web processes pool, and only their statements are given up after a time: jobs and commands may take as long as they do.
    """
    parts = urlsplit(url)
    # Only statements that ask for it (`kernel.sql`) are prepared on the server; a threshold of None would forbid even those.
    query: dict[str, Any] = {"prepare_threshold": 10**9, **dict(parse_qsl(parts.query))}
    pooled = env.flag("SLUICE_USE_POOL")
    if pooled:  # what is prepared is planned once, and not over again for each value: planning costs more than such statements
        query["options"] = f"-c plan_cache_mode=force_generic_plan {query.get('options', '')}"
    if pooled and (seconds := env.number("SLUICE_STATEMENT_SECONDS", 15)) > 0:
        query["options"] = f"-c statement_timeout={seconds}s -c lock_timeout={max(1, seconds * 2 // 3)}s {query.get('options', '')}"
    return {
        "ENGINE": "annotate.kernel.database",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": query.pop("user", "") or unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": query.pop("port", "") or str(parts.port or ""),
        "CONN_HEALTH_CHECKS": not pooled,  # pooled connections are looked at by the engine
        "OPTIONS": {**query, "pool": {"min_size": 1, "max_size": env.number("SLUICE_POOL", 16), "timeout": 20}}
        if pooled
        else query,
        "TEST": {"NAME": "test_" + (unquote(parts.path.lstrip("/")) or "postgres")},
    }


def default_database_url() -> str:
    from workflows.server.postgres import Server

    return Server(DATA).dsn


DATABASES = {"default": database(env.text("DATABASE_URL") or default_database_url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "annotate.Person"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "annotate.people.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sluice_session", "sluice_csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "annotate.kernel.middleware.forged"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_NAME = "sluice_language"
LOCALE_PATHS = [BASE_DIR / "workflows" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static" / "dist" / "collected"
STATICFILES_DIRS = [
    ("css", BASE_DIR / "static" / "css"),
    *([("build", built)] if (built := built_front_end()).exists() else []),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES: dict[str, Any] = {
    "default": storage.default(DATA),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

MAX_UPLOAD_FILE = env.number("SLUICE_MAX_FILE_MB", 4096) * 1024 * 1024
MAX_PICTURE_PIXELS = env.number("SLUICE_MAX_MEGAPIXELS", 120) * 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 5000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_TEMP_DIR = None

WEBHOOK_PRIVATE = env.flag("SLUICE_WEBHOOK_PRIVATE")  # news may go to the operator's own machines too

JOB_TIMEOUT = env.number("SLUICE_JOB_TIMEOUT", 6 * 3600)
Q_CLUSTER: dict[str, Any] = {
    "name": "sluice",
    "orm": "default",
    "workers": env.number("SLUICE_WORKERS", 2),
    "timeout": JOB_TIMEOUT,
    "retry": JOB_TIMEOUT + 60,
    "max_attempts": 1,
    "ack_failures": True,
    "bulk": 1,
    "poll": 0.2,
    "queue_limit": 4,
    "save_limit": -1,
    "catch_up": False,
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["annotate.people.auth.SluiceAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["annotate.kernel.wire.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotate.kernel.wire.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "EXCEPTION_HANDLER": "annotate.kernel.http.handle",
    "URL_FORMAT_OVERRIDE": None,  # ?format= names a format of labels or exports, not of the answer
    "DEFAULT_SCHEMA_CLASS": "workflows.server.openapi.SluiceSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Sluice",
    "DESCRIPTION": "CI/CD for training data: batches, queues, reviews, versions, exports.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["workflows.server.openapi.shared_parts"],
    "DISABLE_ERRORS_AND_WARNINGS": False,
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # One line for a request to a name that is not ours, instead of a traceback that anybody may have written at will.
    "loggers": {"django.security.DisallowedHost": {"level": "CRITICAL"}},
    "root": {"handlers": ["console"], "level": env.text("SLUICE_LOG_LEVEL", "WARNING")},
}
