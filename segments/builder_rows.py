"""One row of the form: a field compared, an act counted, or being in a segment."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from segments.conditions.acts import ACTS_OPERATORS
from segments.conditions.fields import Field
from segments.conditions.kinds import Kind
from segments.conditions.operators import OPERATORS, Shape

KINDS = ("field", "activity", "segment")
TYPED = ("field", "op", "value", "value2", "activity", "times", "count", "days", "url", "segment")
SEPARATORS = "、\n"
GAP = "…"
# Where the parser's path ends -> the box on the row.
BOXES = {
    "within_days": "days",
    "where": "url",
    "activity": "activity",
    "count": "count",
    "segment": "segment",
}


@dataclasses.dataclass
class Row:
    """Everything as typed. `values` where several can be chosen from a list; `errors` by box."""

    kind: str
    field: str = ""
    op: str = ""
    value: str = ""
    value2: str = ""
    activity: str = ""
    times: str = "at_least"
    count: str = "1"
    days: str = ""
    url: str = ""
    segment: str = ""
    negated: bool = False
    values: list[str] = dataclasses.field(default_factory=list)
    prefix: str = ""
    known: Field | None = None
    errors: dict[str, str] = dataclasses.field(default_factory=dict)
    is_group: bool = False

    def fault(self, rest: str, message: str) -> None:
        """`rest` is the path below the node: `value[1]`, `where.url`."""
        box = rest.partition(".")[0].partition("[")[0]
        self.errors.setdefault(
            "times" if self.kind == "activity" and box == "op" else BOXES.get(box, box), message
        )

    @property
    def operators(self) -> list[str]:
        return [key for key, row in OPERATORS.items() if self.known and self.known.kind in row.kinds]

    @property
    def operator_labels(self) -> list[tuple[str, str]]:
        return [(key, operator_label(key)) for key in self.operators]

    @property
    def options(self) -> list[tuple[str, str]]:
        if self.known is not None and self.known.kind is Kind.BOOLEAN:
            return [("true", _("yes")), ("false", _("no"))]
        choices = self.known.choices if self.known else ()
        return [(str(value), str(label)) for value, label in choices]

    @property
    def shape(self) -> Shape:
        return OPERATORS[self.op].shape if self.op in OPERATORS else Shape.ONE

    @property
    def widget(self) -> str:
        """What to show for the value."""
        if self.known is None or self.op not in OPERATORS or self.shape is Shape.NOTHING:
            return "none"
        if self.shape is Shape.TWO:
            return "two"
        if self.shape is Shape.DAYS:
            return "days"
        if self.shape is Shape.MANY:
            return "choices" if self.known.choices else "list"
        if self.known.kind is Kind.BOOLEAN:
            return "boolean"
        if self.known.choices and self.shape is Shape.ONE:
            return "choice"
        return "date" if self.known.kind is Kind.DATE else "text"

    @property
    def input_type(self) -> str:
        return "date" if self.known and self.known.kind is Kind.DATE else "text"

    def with_field(self, known: Mapping[str, Field]) -> None:
        """The field looked up; an operator that it cannot have gives way to its first."""
        self.known = known.get(self.field)
        if self.known is not None and self.op not in self.operators:
            self.op = self.operators[0]

    def node(self) -> dict[str, Any]:
        if self.kind == "activity":
            return self._acts()
        if self.kind == "segment":
            node: dict[str, Any] = {"segment": _whole(self.segment)}
            return {"not": node} if self.negated else node
        node = {"field": self.field, "op": self.op}
        if self.shape is not Shape.NOTHING:
            node["value"] = self._value()
        return node

    def _acts(self) -> dict[str, Any]:
        node: dict[str, Any] = {"activity": self.activity, "op": self.times}
        if patterns := _several(self.url):
            node["where"] = {"url": patterns[0] if len(patterns) == 1 else patterns}
        if self.times not in ACTS_OPERATORS or ACTS_OPERATORS[self.times].takes_count:
            node["count"] = _whole(self.count)
        if self.days.strip():
            node["within_days"] = _whole(self.days)
        return node

    def _value(self) -> Any:
        match self.shape:
            case Shape.DAYS:
                return _whole(self.value)
            case Shape.TWO:
                return [self._one(self.value), self._one(self.value2)]
            case Shape.MANY:
                chosen = self.values if self.known and self.known.choices else _several(self.value)
                return [self._one(each) for each in chosen]
            case Shape.PART | Shape.GLOB:
                return self.value
        return self._one(self.value)

    def _one(self, text: str) -> Any:
        """As typed where it is not what the field is, so that the parser says what it should be."""
        kind = self.known.kind if self.known else Kind.TEXT
        if kind is Kind.NUMBER:
            return _number(text)
        if kind is Kind.BOOLEAN:
            return {"true": True, "false": False}.get(text, text)
        return text.strip()


def operator_label(key: str) -> str:
    """The operator's own sentence with its field left out: “is at least …”."""
    operator = OPERATORS[key]
    words: dict[str, Any] = {"field": "", "value": GAP, "low": GAP, "high": GAP}
    if operator.shape is Shape.MANY:
        words["value"] = pgettext("between values", ", ").join((GAP, GAP))
    if operator.shape is Shape.DAYS:
        words["value"] = 2
        return str(operator.words % words).replace("2", GAP).strip()
    return str(operator.words % words).strip()


def row_from_post(data: Mapping[str, Any], prefix: str) -> Row:
    kind = data.get(f"{prefix}-kind", "field")
    row = Row(kind if kind in KINDS else "field")
    for name in TYPED:
        if (typed := data.get(f"{prefix}-{name}")) is not None:
            setattr(row, name, str(typed)[:2000])
    row.negated = data.get(f"{prefix}-negated") == "1"
    if isinstance(data, QueryDict):
        row.values = [each for each in data.getlist(f"{prefix}-value") if each]
    return row


def row_from_tree(node: Any) -> Row | None:
    """None for what a row cannot say: nested deeper, a stage with its map, attributes of acts."""
    if not isinstance(node, Mapping):
        return None
    inner = node.get("not")
    if isinstance(inner, Mapping) and set(inner) == {"segment"}:
        return Row("segment", segment=str(inner["segment"]), negated=True)
    if set(node) == {"segment"}:
        return Row("segment", segment=str(node["segment"]))
    if "activity" in node:
        return _acts_row(node)
    if "field" not in node or set(node) - {"field", "op", "value"}:
        return None
    return _field_row(node)


def _acts_row(node: Mapping[str, Any]) -> Row | None:
    where = node.get("where") or {}
    if set(where) - {"url"}:
        return None
    url = where.get("url", "")
    patterns = url if isinstance(url, list) else [url]
    if any("," in each or set(each) & set(SEPARATORS) for each in patterns):
        return None
    return Row(
        "activity",
        activity=node["activity"],
        times=node.get("op", "at_least"),
        count=str(node.get("count", 1)),
        days=str(node.get("within_days") or ""),
        url=", ".join(patterns),
    )


def _field_row(node: Mapping[str, Any]) -> Row | None:
    row = Row("field", field=node["field"], op=node["op"])
    value = node.get("value")
    if isinstance(value, list):
        texts = [_text(each) for each in value]
        if row.shape is Shape.TWO:
            row.value, row.value2 = texts
        elif any("," in each or set(each) & set(SEPARATORS) for each in texts):
            return None
        else:
            row.value, row.values = ", ".join(texts), texts
    elif value is not None:
        row.value = _text(value)
    return row


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _several(text: str) -> list[str]:
    for separator in SEPARATORS:
        text = text.replace(separator, ",")
    return [part.strip() for part in text.split(",") if part.strip()]


def _whole(text: str) -> Any:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text


def _number(text: str) -> Any:
    """With separators of thousands, as people write numbers."""
    plain = text.strip().replace(",", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text
