#!/usr/bin/env python
"""Runs leadqual's commands: python manage.py COMMAND."""

import os
import sys

from django.core.management import execute_from_command_line

from leadqual.common.environment import WrongValue

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadqual.settings")
    try:
        execute_from_command_line(sys.argv)
    except WrongValue as error:
        sys.exit(str(error))
