"""Which column of a file is which field: said by `--map`, else recognised by its heading, else the rest."""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from leadqual.common.errors import LeadqualError
from leadqual.common.words import folded

IGNORED = "-"
KEY = re.compile(r"(?!\d+$)[\w-]{1,50}")

# Headings of exports in use (Eight, HubSpot, Salesforce, LinkedIn, Google, Outlook), folded; the first found is taken.
LEAD_HEADINGS: dict[str, tuple[str, ...]] = {
    "family_name": ("family_name", "姓", "last name", "lastname", "last_name", "surname", "property_lastname"),
    "given_name": ("given_name", "名", "first name", "firstname", "first_name", "property_firstname"),
    "name": ("氏名", "名前", "お名前", "full name"),
    "family_kana": ("family_kana", "姓カナ", "姓(カナ)", "姓フリガナ", "セイ", "phonetic last name"),
    "given_kana": ("given_kana", "名カナ", "名(カナ)", "名フリガナ", "メイ", "phonetic first name"),
    "email": (
        "email", "e-mail", "メールアドレス", "メール", "email address", "e-mail address", "電子メール アドレス",
        "property_email", "e-mail 1 - value",
    ),
    "phone": (
        "phone", "phone number", "電話番号", "電話", "tel", "tel直通", "携帯電話", "tel会社", "mobile", "mobile phone",
        "mobile_phone", "business phone", "勤務先 電話", "phone 1 - value",
    ),
    "department": ("department", "部署名", "部署"),
    "title": ("title", "役職", "役職名", "job title", "position", "organization title", "property_jobtitle"),
    "seniority": ("seniority",),
    "source": ("source", "lead source", "leadsource", "lead_source", "流入元", "リードソース"),
    "interests": ("interests", "興味", "関心"),
    "external_id": ("external_id", "external id"),
    "company.name": (
        "company.name", "会社名", "会社", "企業名", "company", "company name", "organization name",
        "associated company", "property_company",
    ),
    "company.domain": ("company.domain", "website", "website url"),
    "company.industry": ("company.industry", "業種", "industry"),
    "company.employees": ("company.employees", "従業員数", "number of employees", "number_of_employees"),
    "company.revenue": ("company.revenue", "売上高", "annual revenue", "annual_revenue"),
    "company.prefecture": ("company.prefecture", "都道府県"),
    "company.country": ("company.country", "国", "country", "country/region"),
    "company.corporate_number": ("company.corporate_number", "法人番号"),
}  # fmt: skip
LEAD_FIELDS = {*LEAD_HEADINGS, "status", "created_at", "outcome_day"}
CUSTOMS = ("custom.", "company.custom.")

ACTIVITY_HEADINGS: dict[str, tuple[str, ...]] = {
    "lead.external_id": ("lead.external_id", "external_id"),
    "lead.email": ("lead.email", *LEAD_HEADINGS["email"]),
    "type": ("type", "event", "行動種別", "イベント"),
    "occurred_at": ("occurred_at", "timestamp", "日時"),
    "path": ("path", "url", "page"),
    "event_id": ("event_id",),
}
ACTIVITY_FIELDS = set(ACTIVITY_HEADINGS)
ATTRIBUTES = ("attributes.",)


def map_columns(
    columns: Sequence[str],
    given: Sequence[str],
    *,
    fields: set[str],
    prefixes: tuple[str, ...],
    headings: Mapping[str, tuple[str, ...]],
    taken: Sequence[str] = (),
) -> dict[int, str]:
    """{position of the column: field}; `taken` are columns with another purpose."""
    mapping: dict[int, str] = {find_column(columns, column, column): IGNORED for column in taken}
    for option in given:
        column, equals, field = option.rpartition("=")
        if not equals or not column:
            raise LeadqualError("bad_map", _("must be “Column=field”"), _asked(option))
        field = field.strip() or IGNORED
        position = find_column(columns, column, _asked(option))
        if field != IGNORED:
            _check_field(field, fields, prefixes, option)
        if position in mapping or (field != IGNORED and field in mapping.values()):
            raise LeadqualError("mapped_twice", _("a column or field is named twice"), _asked(option))
        mapping[position] = field
    _recognise(columns, mapping, headings)
    return {position: field for position, field in sorted(mapping.items()) if field != IGNORED}


def rest_of(
    columns: Sequence[str], mapping: Mapping[int, str], given: Sequence[str], taken: Sequence[str]
) -> list[int]:
    """The columns that nobody has named."""
    named = {find_column(columns, column, column) for column in taken}
    named |= {find_column(columns, option.rpartition("=")[0], option) for option in given}
    return [position for position in range(len(columns)) if position not in mapping and position not in named]


def find_column(columns: Sequence[str], name: str, place: str) -> int:
    """By its exact heading, else by the heading as people remember it, else by "#3" for the third."""
    if name in columns:
        return columns.index(name)
    wanted = folded(" ".join(name.split()))
    alike = [position for position, column in enumerate(columns) if folded(column) == wanted]
    if len(alike) == 1:
        return alike[0]
    if re.fullmatch(r"#\d{1,4}", name) and 1 <= int(name[1:]) <= len(columns):
        return int(name[1:]) - 1
    shown = ", ".join(columns[:30]) + (", …" if len(columns) > 30 else "")
    raise LeadqualError("unknown_column", _("the file has no column “%(name)s”; it has: %(columns)s") % {
        "name": name, "columns": shown,
    }, place)  # fmt: skip


def key_of(heading: str, taken: set[str]) -> str:
    """The key of a custom field made from a heading: `emp.var.rate` is `emp_var_rate`, 郵便番号 stays."""
    key = re.sub(r"[\W_]+", "_", folded(heading)).strip("_")[:46].strip("_") or "column"
    key = f"column_{key}" if key.isdigit() else key
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}_{number}"
    return free


def _asked(option: str) -> str:
    return _("--map “%s”") % option


def _check_field(field: str, fields: set[str], prefixes: tuple[str, ...], option: str) -> None:
    for prefix in prefixes:
        if field.startswith(prefix) and KEY.fullmatch(field.removeprefix(prefix)):
            return
    if field not in fields:
        known = ", ".join([*sorted(fields), *(f"{prefix}KEY" for prefix in prefixes)])
        raise LeadqualError(
            "unknown_field",
            _("there is no field “%(field)s”; there are: %(known)s") % {"field": field, "known": known},
            _asked(option),
        )


def _recognise(
    columns: Sequence[str], mapping: dict[int, str], headings: Mapping[str, tuple[str, ...]]
) -> None:
    by_heading = {folded(column): position for position, column in reversed(list(enumerate(columns)))}
    for field, words in headings.items():
        if field in mapping.values():
            continue
        for word in words:
            position = by_heading.get(word)
            if position is not None and position not in mapping:
                mapping[position] = field
                break
