from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(found: Mapping[Any, Any], key: Any) -> Any:
    """`{{ shares|of:rep.pk }}`: what was found for this one, if anything."""
    return found.get(key)
