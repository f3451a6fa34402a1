from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.demo.english import ENGLISH
from leadqual.demo.japanese import JAPANESE
from leadqual.demo.tongues import Tongue

TONGUES = {each.language: each for each in (JAPANESE, ENGLISH)}


def tongue(language: str) -> Tongue:
    """`en-gb` is English."""
    found = TONGUES.get(language.partition("-")[0])
    if found is None:
        raise LeadqualError("unknown_language", _("there is no demo market in “%s”") % language, "--language")
    return found
