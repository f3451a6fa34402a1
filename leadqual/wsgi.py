"""The WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadqual.settings")
# Settings give the connection pool to web processes only; `manage.py up` has said "embedded" already.
os.environ.setdefault("LEADQUAL_PROCESS", "web")

application = get_wsgi_application()

from leadqual.operations.starting import refuse_web  # noqa: E402 -- asks models, which are there only now

refuse_web()
