"""Changes of a map in words."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from journeys.models import JourneyMap, MapChange, Stage, Touchpoint

NAMES = {
    field.name: field
    for model in (JourneyMap, Stage, Touchpoint)
    for field in model._meta.get_fields()
    if field.concrete
}


def told(change: MapChange) -> str:
    """“Comparing: changed (goal, name)”."""
    what = change.what or _("the map")
    if not change.fields:
        return _("%(what)s: %(act)s") % {"what": what, "act": change.get_act_display()}
    fields = [str(getattr(NAMES.get(name), "verbose_name", name)) for name in change.fields]
    named = {
        "what": what,
        "act": change.get_act_display(),
        "fields": pgettext("between details", ", ").join(fields),
    }
    return _("%(what)s: %(act)s (%(fields)s)") % named
