"""How somebody looks at the list: their columns, their saved views and those that colleagues share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from leadqual.common.access import Role, has_role
from leadqual.common.errors import LeadqualError
from leadqual.desk.columns import USUAL
from leadqual.desk.filters import NAMES
from leadqual.desk.listing import SCORE, SORTS
from leadqual.desk.models import SavedView

EVERYTHING = "all"
MOST_VIEWS = 50
MOST_VALUES = 50


@dataclass(frozen=True)
class Arrangement:
    """What one address means for one reader."""

    params: dict[str, list[str]]
    columns: Sequence[str]
    sort: str
    view: SavedView | None = None
    views: list[SavedView] = field(default_factory=list)
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The address again, without the page."""
        return urlencode(self.asked, doseq=True)

    def with_sort(self, sort: str) -> str:
        return urlencode({**self.asked, "sort": [sort]}, doseq=True)

    def without(self, name: str, value: str) -> str:
        """The filters one by one in the address, but for this one; a view's own filters are spelt out."""
        left = {
            key: kept
            for key, values in self.params.items()
            if (kept := [each for each in values if each and not (key == name and each == value)])
        }
        return urlencode({"view": [EVERYTHING], "sort": [self.sort], **left}, doseq=True)


def arranged(user: Any, address: QueryDict) -> Arrangement:
    """One query, for the views. Filters in the address count; without any, those of its view or the default."""
    own = (
        SavedView.objects.filter(Q(owner=user) | Q(shared=True, owner__in=_sharing()))
        .select_related("owner")
        .order_by("name", "pk")
    )
    known = list(own[: MOST_VIEWS * 4])
    mine = next((view for view in known if not view.name), None)
    views = [view for view in known if view.name]
    given = filters_in(address)
    view = _view_of(address, views, user, narrowed=bool(given))
    params = given if given or view is None else _sound(view.filters)
    columns = view.columns if view is not None and view.columns else mine.columns if mine else USUAL
    sort = address.get("sort") or (view.sort if view else "") or SCORE
    asked: dict[str, Sequence[str]] = dict(given)
    if address.get("sort") in SORTS:
        asked["sort"] = [sort]
    if view is not None or address.get("view") == EVERYTHING:
        asked["view"] = [EVERYTHING if view is None else str(view.pk)]
    return Arrangement(params, columns, sort if sort in SORTS else SCORE, view, views, asked)


def _sharing() -> QuerySet[User]:
    """Whose shared views colleagues see: a rep's filters may name leads that are not theirs to see."""
    marketers = Q(groups__permissions__codename=f"act_as_{Role.MARKETER}")
    return User.objects.filter(marketers | Q(is_superuser=True)).values("pk")  # type: ignore[return-value]


def filters_in(address: QueryDict) -> dict[str, list[str]]:
    """Of the address, the filters that the list knows; a condition being added stands in three inputs."""
    found = {
        # NUL is in no text that a database could hold
        name: [value.replace("\0", "") for value in address.getlist(name)[:MOST_VALUES]]
        for name in NAMES
        if name in address
    }
    if address.get("field"):
        added = "|".join(address.get(name, "") for name in ("field", "op", "value"))
        found["where"] = [*found.get("where", []), added]
    return found


def _view_of(address: QueryDict, views: list[SavedView], user: Any, *, narrowed: bool) -> SavedView | None:
    wanted = address.get("view", "")
    if wanted:
        return next((view for view in views if str(view.pk) == wanted), None)
    if narrowed:
        return None
    return next((view for view in views if view.is_default and view.owner_id == user.pk), None)


def _sound(filters: Any) -> dict[str, list[str]]:
    return {name: [str(each) for each in filters[name]] for name in NAMES if name in filters}


@transaction.atomic
def keep_columns(user: Any, columns: Sequence[str]) -> None:
    SavedView.objects.update_or_create(owner=user, name="", defaults={"columns": list(columns)})


@transaction.atomic
def keep_view(
    user: Any, name: str, arrangement: Arrangement, *, shared: bool = False, is_default: bool = False
) -> SavedView:
    """Saves what is shown now under a name; a view of that name is replaced."""
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise LeadqualError("missing", _("a view needs a name"), "name")
    if len(name) > 100:
        raise LeadqualError("too_long", _("is longer than %d characters") % 100, "name")
    if shared and not has_role(user, Role.MARKETER):
        raise LeadqualError("not_shared", _("only marketers share views with their colleagues"), "shared")
    mine = SavedView.objects.filter(owner=user)
    if not mine.filter(name=name).exists() and mine.count() >= MOST_VIEWS:
        raise LeadqualError("too_many", _("you have %d views; delete one first") % MOST_VIEWS, "name")
    if is_default:
        mine.update(is_default=False)
    filters = {key: [each for each in values if each] for key, values in arrangement.params.items()}
    kept = {
        "filters": {key: values for key, values in filters.items() if values},
        "columns": list(arrangement.columns), "sort": arrangement.sort,
        "shared": shared, "is_default": is_default,
    }  # fmt: skip
    view, _made = SavedView.objects.update_or_create(owner=user, name=name, defaults=kept)
    return view
