from typing import Any

from django import template

from leadqual.common.names import person_name

register = template.Library()


@register.filter
def person(user: Any) -> str:
    """`{{ lead.owner|person }}`; nothing for nobody."""
    return person_name(user) if user else ""
