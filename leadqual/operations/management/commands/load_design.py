import json
import shlex
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.operations.design.loading import Loaded, load
from leadqual.operations.design.reading import read_file
from leadqual.operations.design.rows import Change
from leadqual.scoring.models import ModelState, ScoringModel

# Names of one section that a line shows.
SHOWN = 20


class Command(LeadqualCommand):
    help = _(
        "Puts a design file into effect: activity types, fields, segments, scoring models, teams, reps, policies."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help=_("the design file, YAML or JSON"))
        parser.add_argument(
            "--check", action="store_true", help=_("say what would change, and change nothing")
        )
        parser.add_argument(
            "--prune",
            action="store_true",
            help=_("retire what the sections of the file do not name any more"),
        )
        parser.add_argument("--json", action="store_true", help=_("print what became of each object as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        document = read_file(options["file"])
        loaded = load(
            document, now=clock.now(), file=options["file"], prune=options["prune"], check=options["check"]
        )
        if options["json"]:
            self.stdout.write(json.dumps(loaded.sections, ensure_ascii=False))
        else:
            self._tell(loaded, options["check"])

    def _tell(self, loaded: Loaded, check: bool) -> None:
        words = {
            Change.CREATED: _("created"),
            Change.UPDATED: _("updated"),
            Change.UNCHANGED: _("unchanged"),
            Change.REMOVED: _("removed"),
        }
        for section, changes in loaded.sections.items():
            self.stdout.write(f"{section}:")
            for change in Change:
                if names := [name for name, became in changes.items() if became is change]:
                    shown = "" if change is Change.UNCHANGED else f": {_listed(names)}"
                    self.stdout.write(f"{len(names):>10,}  {words[change]}{shown}")
        if check:
            self.stdout.write(_("checked only, nothing was changed"))
        else:
            self._next(loaded)

    def _next(self, loaded: Loaded) -> None:
        """What a newcomer has to do before the design works: a draft gives nobody a score."""
        named = loaded.sections.get("scoring_models", {})
        drafts = ScoringModel.objects.filter(name__in=named, state=ModelState.DRAFT)
        for name in sorted(set(drafts.values_list("name", flat=True))):
            self.stdout.write(
                _("next: manage.py publish_model %s puts this draft in force") % shlex.quote(name)
            )
        if loaded.changed:
            self.stdout.write(_("then: manage.py qualify scores the leads and hands over who is hot"))


def _listed(names: list[str]) -> str:
    shown = pgettext("between values", ", ").join(names[:SHOWN])
    return shown if len(names) <= SHOWN else _("%(names)s and %(count)d more") % {
        "names": shown, "count": len(names) - SHOWN,
    }  # fmt: skip
