from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

QUALIFICATION = ("opened_at", "opened_reason", "score", "card", "ended_at", "ended_reason")


class ScoringConfig(AppConfig):
    name = "leadqual.scoring"
    label = "scoring"
    verbose_name = _("Scoring")

    def ready(self) -> None:
        from leadqual.leads import persons
        from leadqual.scoring import condition_fields, endings, guards, receivers

        condition_fields.register_fields()
        endings.connect()
        guards.connect()
        receivers.connect()
        persons.register(
            persons.computed("scoring.RuleHit"),
            persons.computed("scoring.LeadScore"),
            # Judged once, of one record; and a lead has one open at most.
            persons.staying("scoring.Qualification", export=QUALIFICATION),
        )
