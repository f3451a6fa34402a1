import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.migrated import refuse_old_database


class LeadqualCommand(BaseCommand):
    """A command that answers a person's mistake with one line naming the place, and exit code 1."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            try:
                return super().execute(*args, **options)
            except DatabaseError:
                refuse_old_database()
                raise
        except LeadqualError as error:
            raise CommandError(str(error)) from error

    def add_day(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", dest="as_of", metavar="YYYY-MM-DD", default=None,
            help=_("work as of the end of this day; today if not given"),
        )  # fmt: skip

    def day(self, options: dict[str, Any], at: datetime | None = None) -> int:
        """The day of `--as-of`, or today in the organisation's zone.

        A day to come is refused: live state only moves forward, so a mistyped year could never be taken back.
        """
        text, today = options.get("as_of"), clock.today(at)
        if not text:
            return today
        try:
            day = clock.parse_day(text)
        except ValueError as error:
            raise LeadqualError(
                "bad_day", _("“%s” is not a date like 2024-06-30") % text, "--as-of"
            ) from error
        if day > today:
            raise LeadqualError("day_to_come", _("%s is yet to come") % text, "--as-of")
        return day

    def write_figures(self, figures: Mapping[str, int]) -> None:
        """The numbers first: they stand under each other however wide the letters of the labels are."""
        for label, number in figures.items():
            self.stdout.write(f"{number:>10,}  {label}")

    @property
    def interactive(self) -> bool:
        return sys.stderr.isatty()
