"""Attribute values as people and files write them, made into what is stored; and the form conditions compare."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from leadqual.common import clock
from leadqual.common.errors import LeadqualError
from leadqual.common.words import folded
from leadqual.leads.company_names import normalised
from leadqual.leads.models import Company, CustomField, FieldType, Outcome, Seniority, Status, Target
from leadqual.leads.phones import to_e164
from leadqual.leads.reading import read_boolean, read_day, read_moment, read_number

CUSTOM = "custom."
TEXT_LIMIT = 2000  # characters of a custom text
INTERESTS = re.compile(r"[;,、,|/\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]]+@[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")

# Texts of leads and companies, and how many characters their columns hold.
TEXTS = {
    "external_id": 200,
    "row_identity": 64,
    "family_name": 100,
    "given_name": 100,
    "family_kana": 100,
    "given_kana": 100,
    "department": 200,
    "title": 200,
    "source": 200,
    "name": 200,
    "industry": 100,
    "prefecture": 50,
    "country": 50,
}


def custom_fields(target: Target = Target.LEAD) -> dict[str, CustomField]:
    """Every custom field of leads or of companies by key: one query, to be passed on when many values are cleaned."""
    return {field.key: field for field in CustomField.objects.filter(target=target)}


def clean(field: str, value: Any, customs: Mapping[str, CustomField] | None = None) -> Any:
    """The value to store in `field` of a lead (or, for its own fields, a company); LeadqualError names the field.

    Nothing ("" or None) is cleaned to the field's own nothing.
    """
    if field.startswith(CUSTOM):
        return _clean_custom(field, value, custom_fields() if customs is None else customs)
    if field in TEXTS:
        return clean_text(field, value, TEXTS[field])
    cleaner = CLEANERS.get(field)
    if cleaner is None:
        raise LeadqualError("unknown_field", _("there is no such field"), field)
    return cleaner(field, value)


def clean_text(field: str, value: Any, limit: int) -> str:
    text = "" if value is None else unicodedata.normalize("NFC", str(value)).strip()
    if _CONTROL.search(text):
        raise LeadqualError("bad_character", _("contains a character that cannot be stored"), field)
    if len(text) > limit:
        raise LeadqualError("too_long", _("is longer than %d characters") % limit, field)
    return text


def _clean_email(field: str, value: Any) -> str:
    text = (
        unicodedata.normalize("NFKC", clean_text(field, value, 400)).strip().lower().removeprefix("mailto:")
    )
    if text and (len(text) > 254 or not _EMAIL.fullmatch(text)):
        raise LeadqualError("bad_email", _("is not an e-mail address"), field)
    return text


def _clean_phone(field: str, value: Any) -> str:
    text = unicodedata.normalize("NFKC", clean_text(field, value, 100))
    if not text:
        return ""
    number = to_e164(text)
    if number is None:
        raise LeadqualError("bad_phone", _("is not a telephone number"), field)
    return number


def _clean_interests(field: str, value: Any) -> list[str]:
    parts = INTERESTS.split(value) if isinstance(value, str) else list(value or [])
    kept: dict[str, str] = {}
    for part in parts:
        text = clean_text(field, part, 100).replace("|", "/")
        if text:
            kept.setdefault(folded(text), text)
    if len(interests_folded(list(kept.values()))) > 1000:
        raise LeadqualError("too_long", _("names too many interests"), field)
    return list(kept.values())


def interests_folded(interests: list[str]) -> str:
    return f"|{'|'.join(folded(interest) for interest in interests)}|" if interests else ""


def _clean_choice(choices: Any) -> Callable[[str, Any], str]:
    def cleaned(field: str, value: Any) -> str:
        text = folded(str(value or ""))
        if text in choices.values or not text:
            return text
        for choice in choices:
            if text == folded(str(choice.label)):
                return str(choice.value)
        raise LeadqualError("not_a_choice", _("is not one of the choices"), field)

    return cleaned


def _clean_whole(field: str, value: Any) -> int | None:
    if value in (None, ""):
        return None
    number = read_number(value)
    if number is None:
        raise LeadqualError("not_a_number", _("is not a number"), field)
    if not 0 <= number < 2**62:
        raise LeadqualError("out_of_range", _("is out of range"), field)
    return int(number)


def _clean_domain(field: str, value: Any) -> str:
    text = clean_text(field, value, 2000).casefold()
    host = re.sub(r"^[a-z]+://", "", text).split("/")[0].split("?")[0].split(":")[0].rpartition("@")[2]
    return clean_text(field, host.removeprefix("www.").strip("."), 253)


def _clean_corporate_number(field: str, value: Any) -> str:
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", clean_text(field, value, 50)))
    if digits and len(digits) != 13:
        raise LeadqualError("bad_corporate_number", _("is not a corporate number of 13 digits"), field)
    return digits


def _clean_company(field: str, value: Any) -> Company | None:
    if value is None or isinstance(value, Company):
        return value
    raise LeadqualError("not_a_company", _("is not a company"), field)


def _clean_moment(field: str, value: Any) -> datetime | None:
    moment = value if isinstance(value, datetime) else read_moment(str(value or ""), clock.zone())
    if moment is None and value:
        raise LeadqualError("bad_date", _("is not a date"), field)
    if moment is not None and not 1900 <= moment.year < 2200:
        raise LeadqualError("out_of_range", _("is out of range"), field)
    return moment


def _clean_day(field: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    day = value if isinstance(value, int) else read_day(value)
    if day is None:
        raise LeadqualError("bad_date", _("is not a date"), field)
    return day


CLEANERS: dict[str, Callable[[str, Any], Any]] = {
    "email": _clean_email,
    "phone": _clean_phone,
    "interests": _clean_interests,
    "seniority": _clean_choice(Seniority),
    "status": _clean_choice(Status),
    "outcome": _clean_choice(Outcome),
    "company": _clean_company,
    "created_at": _clean_moment,
    "outcome_day": _clean_day,
    "employees": _clean_whole,
    "revenue": _clean_whole,
    "domain": _clean_domain,
    "corporate_number": _clean_corporate_number,
}


def _clean_custom(field: str, value: Any, customs: Mapping[str, CustomField]) -> Any:
    custom = customs.get(field.removeprefix(CUSTOM))
    if custom is None:
        raise LeadqualError("unknown_field", _("there is no such custom field"), field)
    if value is None or value == "":
        return None
    return CUSTOM_CLEANERS[FieldType(custom.type)](field, value, custom)


def _custom_number(field: str, value: Any, custom: CustomField) -> int | float:
    number = read_number(value)
    if number is None:
        raise LeadqualError("not_a_number", _("is not a number"), field)
    return int(number) if number == number.to_integral_value() else float(number)


def _custom_day(field: str, value: Any, custom: CustomField) -> str:
    day = read_day(value)
    if day is None:
        raise LeadqualError("bad_date", _("is not a date"), field)
    return clock.date_of(day).isoformat()


def _custom_boolean(field: str, value: Any, custom: CustomField) -> bool:
    answer = read_boolean(value)
    if answer is None:
        raise LeadqualError("not_yes_or_no", _("is neither yes nor no"), field)
    return answer


def _custom_choice(field: str, value: Any, custom: CustomField) -> str:
    text = folded(str(value))
    for choice in custom.choices:
        if folded(str(choice)) == text:
            return str(choice)
    raise LeadqualError("not_a_choice", _("is not one of the choices"), field)


def _custom_text(field: str, value: Any, custom: CustomField) -> str | None:
    return clean_text(field, value, TEXT_LIMIT) or None


CUSTOM_CLEANERS: dict[FieldType, Callable[[str, Any, CustomField], Any]] = {
    FieldType.NUMBER: _custom_number,
    FieldType.DATE: _custom_day,
    FieldType.BOOLEAN: _custom_boolean,
    FieldType.CHOICE: _custom_choice,
    FieldType.TEXT: _custom_text,
}


def compared_custom(value: Any, custom: CustomField) -> Any:
    """A stored custom value in the form of `custom_folded`: folded text, number, boolean, date as day number."""
    if value is None:
        return None
    if custom.type == FieldType.DATE:
        return clock.day_number(date.fromisoformat(value))
    if custom.type in {FieldType.TEXT, FieldType.CHOICE}:
        return folded(str(value))
    return value


def company_key(name: str) -> str:
    return normalised(name)[:200]
