"""Settings of the baseline `drf`: what a plain Django REST framework project needs, and a kept database connection."""

# psycopg comes from the throw-away environment of a run and is not there when the project is type-checked.
# mypy: ignore-errors

import os

from psycopg.conninfo import conninfo_to_dict

_CONNECTION = conninfo_to_dict(os.environ["BENCH_DSN"])

SECRET_KEY = "bench"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.benchmarks.baselines.drf_views"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _CONNECTION["dbname"],
        "USER": _CONNECTION["user"],
        "HOST": _CONNECTION["host"],
        "PORT": _CONNECTION.get("port", ""),
        "PASSWORD": _CONNECTION.get("password", ""),
        "CONN_MAX_AGE": 600,
    }
}
REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
