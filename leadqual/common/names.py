"""A colleague's name as colleagues write it: the family name first where it is written in Japanese."""

import re
from typing import Any

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々]")


def person_name(user: Any) -> str:
    given, family = user.first_name.strip(), user.last_name.strip()
    if not given and not family:
        return str(user.get_username())
    if _JAPANESE.search(given + family):
        return f"{family} {given}".strip()
    return f"{given} {family}".strip()
