from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.common.errors import LeadqualError
from leadqual.common.progress import ProgressBar
from leadqual.demo import accounts
from leadqual.demo.languages import TONGUES
from leadqual.demo.seeding import LEADS, is_complete, is_laid, seed
from leadqual.leads.models import Lead


class Command(LeadqualCommand):
    help = _("Fills an empty database with a demo market: a year of leads, scores, handoffs and feedback")

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_day(parser)
        parser.add_argument("--leads", type=int, default=LEADS, help=_("how many leads the market has"))
        parser.add_argument(
            "--language", choices=list(TONGUES), default=None, help=_("of the names and texts of the market")
        )
        parser.add_argument(
            "--force", action="store_true", help=_("in production too, if there are no leads")
        )
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help=_("do nothing where there are leads already, and in production"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        ours = is_laid()
        if options["if_empty"] and not ours and (settings.PRODUCTION or Lead.objects.exists()):
            return
        self._refuse(options, ours)
        if not is_complete():
            self._seed(options)
        self._tell(accounts.open_accounts())

    def _refuse(self, options: dict[str, Any], ours: bool) -> None:
        if settings.PRODUCTION and not ours and not options["force"]:
            raise LeadqualError(
                "production", _("this is production; --force fills an empty database all the same")
            )
        if options["leads"] < 1:
            raise LeadqualError("out_of_range", _("is out of range"), "--leads")

    def _seed(self, options: dict[str, Any]) -> None:
        progress = ProgressBar(self.stderr)
        language = options["language"] or settings.LANGUAGE_CODE or get_language()
        seed(
            language=language,
            leads=options["leads"],
            day=self.day(options),
            now=clock.now(),
            progress=progress,
        )
        progress.close()

    def _tell(self, word: str) -> None:
        rows = [(_("role"), _("user name"), _("name"), _("password"), _("look first at"))]
        rows += [(each.role, each.user, each.name, word, each.page) for each in accounts.log_ins()]
        self.stdout.write("")
        widths = [max(wide(row[column]) for row in rows) for column in range(5)]
        for row in rows:
            line = "  ".join(
                text + " " * (width - wide(text)) for text, width in zip(row, widths, strict=True)
            )
            self.stdout.write(line.rstrip())


def wide(text: str) -> int:
    """Columns of a terminal: Japanese letters take two."""
    return sum(1 + (ord(letter) > 0x2E7F) for letter in text)
