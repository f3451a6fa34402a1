import errno
import os
import socket
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db import connections
from django.utils.translation import gettext as _

from leadqual.common.commands import LeadqualCommand
from leadqual.common.errors import LeadqualError
from leadqual.common.migrated import refuse_old_database


class Command(LeadqualCommand):
    help = _("Serve the pages and do the work behind them, in one process")
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help=_("the address to listen at"))
        parser.add_argument("--port", type=int, default=8000, help=_("the port to listen at"))

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_taken_port(host, port)
        refuse_old_database()
        connections.close_all()
        self.stdout.write(_("leadqual on http://%(host)s:%(port)s/ (stop with Ctrl+C)") % options)
        self.stdout.flush()
        command = [sys.executable, "-m", "gunicorn", "--config", "python:leadqual.operations.embedded"]
        command += ["--bind", f"{host}:{port}", "leadqual.wsgi:application"]
        os.execve(sys.executable, command, os.environ | {"LEADQUAL_PROCESS": "embedded"})


def refuse_taken_port(host: str, port: int) -> None:
    """gunicorn would try for five seconds and end in a page of log."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            if getattr(error, "errno", None) == errno.EADDRINUSE:
                message = _("port %d is in use; stop what listens there or choose another with --port") % port
                raise LeadqualError("port_taken", message, "--port") from error
            message = _("cannot listen on %(host)s:%(port)d: %(why)s") % {
                "host": host,
                "port": port,
                "why": error,
            }
            raise LeadqualError("cannot_listen", message, "--host") from error
