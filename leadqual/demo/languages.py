from leadqual.common.errors import LeadqualError
from leadqual.demo.english import ENGLISH
from leadqual.demo.japanese import JAPANESE
from leadqual.demo.tongues import Tongue

TONGUES = {each.language: each for each in (JAPANESE, ENGLISH)}


def tongue(language: str) -> Tongue:
    """`en-gb` is English."""
    found = TONGUES.get(language.partition("-")[0])
    if found is None:
        raise LeadqualError("unknown_language", f"ja, en: {language}", "--language")
    return found
