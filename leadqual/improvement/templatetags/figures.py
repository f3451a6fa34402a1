"""`{% load figures %}`: rates and days as the reports word them."""

from django import template

from leadqual.improvement import wording

register = template.Library()
for each in (
    wording.count,
    wording.day,
    wording.days,
    wording.lift,
    wording.month,
    wording.out_of,
    wording.percent,
    wording.percent_range,
    wording.rate,
    wording.times,
    wording.times_range,
):
    register.filter(each.__name__, each)


@register.filter
def lookup(mapping: dict[str, object], key: str) -> object:
    return mapping.get(key, "")
