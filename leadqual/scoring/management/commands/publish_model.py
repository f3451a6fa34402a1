import json
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.commands import LeadqualCommand
from leadqual.common.errors import LeadqualError
from leadqual.common.progress import ProgressBar
from leadqual.scoring import publishing
from leadqual.scoring.as_of import state_day
from leadqual.scoring.models import ModelState, ScoringModel
from leadqual.scoring.publishing import Preview, Published
from leadqual.scoring.validation import Problem, problems


class Command(LeadqualCommand):
    help = _("Makes the draft of a scoring model live: freezes it, scores everybody under it, then swaps.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help=_("the name of the scoring model"))
        self.add_day(parser)
        parser.add_argument(
            "--release-hot",
            action="store_true",
            help=_("hand over the leads that only the new model makes hot"),
        )
        parser.add_argument("--resume", action="store_true", help=_("go on with an interrupted publication"))
        parser.add_argument("--discard", action="store_true", help=_("give up an interrupted publication"))
        parser.add_argument("--json", action="store_true", help=_("print the result as JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = options["json"]
        now = clock.now()
        name, bar = options["name"], ProgressBar(self.stderr)
        if options["discard"]:
            model = publishing.discard(named(name, ModelState.BUILDING), now=now)
            self._say(_("%s is a draft again") % model)
            return
        if options["resume"]:
            model = named(name, ModelState.BUILDING)
            self._report(publishing.finish(model, now=now, progress=bar, previewed=self._preview), [])
            return
        model = named(name, ModelState.DRAFT)
        advice = [problem for problem in problems(model) if not problem.blocking]
        published = publishing.publish(
            model,
            day=self._day(options, now),
            now=now,
            release_hot=options["release_hot"],
            progress=bar,
            previewed=self._preview,
        )
        self._report(published, advice)

    def _day(self, options: dict[str, Any], now: datetime) -> int:
        """Without `--as-of` the day that live scores stand at: a past that is worked on is left by command only."""
        return (None if options["as_of"] else state_day(now)) or self.day(options, now)

    def _preview(self, preview: Preview) -> None:
        numbers = {"new": preview.newly_hot, "stay": preview.stay, "end": preview.end}
        self._say(_("newly hot: %(new)d, stay hot: %(stay)d, no longer hot: %(end)d") % numbers)

    def _report(self, published: Published, advice: list[Problem]) -> None:
        for problem in advice:
            self._say(_("to think about: %s") % problem)
        if self.as_json:
            self.stdout.write(json.dumps(as_json(published, advice), ensure_ascii=False))
        elif published.first:
            self._say(_("%s is live; the next rescore gives everybody a score") % published.model)
        else:
            self._say(_("%s is live") % published.model)
            if published.judged and published.judged.opened and not published.model.released_hot:
                kept = len(published.judged.opened)
                self._say(_("newly hot leads kept back: %d; release_hot_leads hands them over") % kept)

    def _say(self, line: str) -> None:
        if not self.as_json:
            self.stdout.write(line)


def named(name: str, state: ModelState) -> ScoringModel:
    """The latest version of the name in this state, or one error that says what there is instead."""
    versions = list(ScoringModel.objects.filter(name=name).order_by("-version"))
    if found := next((model for model in versions if model.state == state), None):
        return found
    if not versions:
        names = ", ".join(sorted(set(ScoringModel.objects.values_list("name", flat=True)))) or _("none")
        raise LeadqualError("unknown_model", _("there is no such scoring model; there are: %s") % names, name)
    there = ", ".join(f"{model} ({model.get_state_display()})" for model in versions)
    raise LeadqualError(
        "no_such_state",
        _("there is no version that is “%(state)s”: %(there)s") % {"state": state.label, "there": there},
        name,
    )


def as_json(published: Published, advice: list[Problem]) -> dict[str, Any]:
    preview, judged = published.preview, published.judged
    return {
        "model": published.model.name,
        "version": published.model.version,
        "first": published.first,
        "preview": None
        if preview is None
        else {"newly_hot": preview.newly_hot, "stay": preview.stay, "end": preview.end},
        "opened": len(judged.opened) if judged else 0,
        "ended": len(judged.ended) if judged else 0,
        "released": published.model.released_hot,
        "advice": [
            {"code": problem.code, "place": problem.place, "message": problem.message} for problem in advice
        ],
    }
