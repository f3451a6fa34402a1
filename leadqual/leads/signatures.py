"""Which type an act is of, and its signature: type + page or content + declared attributes, interned at intake."""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils.text import slugify
from django.utils.translation import gettext as _

from leadqual.common.batches import batches
from leadqual.common.errors import LeadqualError
from leadqual.common.globs import compile_glob
from leadqual.common.words import folded
from leadqual.leads.models import ActivityType, Signature

logger = logging.getLogger(__name__)

PAGE_VIEW = "page_view"
MOST_PER_TYPE = 20_000
PATH_LENGTH = 500
VALUE_LENGTH = 100
REMEMBERED = 50_000

_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)

# (type, digest) -> signature id, of committed signatures only; signatures are never deleted.
_remembered: dict[tuple[int, str], int] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A signature as an act asks for it, before it has an id."""

    type_id: int
    path: str
    attributes: str  # canonical JSON
    digest: str

    @property
    def key(self) -> tuple[int, str]:
        return self.type_id, self.digest


def forget_signatures(**_: Any) -> None:
    """Empties what the process remembers; for a database whose rows were taken away."""
    _remembered.clear()


def type_key(text: str) -> str:
    """The key under which a type of this name stands: "Page View" is `page_view`."""
    return slugify(text, allow_unicode=True).replace("-", "_")[:50]


def path_of(address: str) -> str:
    """The page of a URL or path, without host, query string and fragment; the name of a content stays as it is."""
    path = _HOST.sub("", address.strip())
    if path != address.strip() and not path.startswith("/"):
        path = "/" + path
    if path.startswith("/"):
        path = path.partition("#")[0]
    return path.partition("?")[0][:PATH_LENGTH]


def two_segments(path: str) -> str:
    """`/a/b/c/d` as `/a/b/*`; a path that is not deeper stays."""
    parts = path.split("/")
    kept = 3 if path.startswith("/") else 2
    return path if len(parts) <= kept else "/".join([*parts[:kept], "*"])


class Types:
    """The activity types as intake sees them, read once per batch."""

    def __init__(self, keys: Iterable[str], *, create: bool) -> None:
        self.by_key = {row.key: row for row in ActivityType.objects.all()}
        if create:
            self._create(
                {type_key(key) for key in keys if key not in self.by_key} - self.by_key.keys() - {""}
            )
        globs = sorted(
            ((glob, row) for row in self.by_key.values() for glob in row.url_globs),
            key=lambda pair: (-len(pair[0]), pair[1].key),
        )
        self._pages = [(compile_glob(folded(glob)), row) for glob, row in globs]
        self._decided: dict[tuple[str, str], ActivityType] = {}

    def decide(self, key: str, path: str) -> ActivityType:
        """The type of an act on `path`; a plain page view becomes the type whose longest address matches."""
        known = self._decided.get((key, path))
        if known is None:
            known = self._decided[key, path] = self._decide(key, path)
        return known

    def _decide(self, key: str, path: str) -> ActivityType:
        row = self.by_key.get(key) or self.by_key.get(type_key(key))
        if row is None:
            raise LeadqualError("unknown_type", _("there is no activity type “%s”") % key, "type")
        if row.key == PAGE_VIEW and path:
            page = folded(path)
            row = next((other for matches, other in self._pages if matches(page)), row)
        return row

    def _create(self, keys: set[str]) -> None:
        made = [ActivityType(key=key, label=key) for key in sorted(keys)]
        ActivityType.objects.bulk_create(made, ignore_conflicts=True)
        self.by_key.update({row.key: row for row in ActivityType.objects.filter(key__in=keys)})


def split_attributes(
    type: ActivityType, attributes: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """(those the type declares, which rules can ask; all the others, which only stay on the activity)."""
    if not attributes:
        return {}, None
    declared: dict[str, Any] = {}
    for name in type.declared_attributes:
        value = attributes.get(name)
        if isinstance(value, str):
            declared[name] = value[:VALUE_LENGTH]
        elif isinstance(value, bool | int | float):
            declared[name] = value
    return declared, {name: value for name, value in attributes.items() if name not in declared} or None


def wanted(type_id: int, path: str, declared: Mapping[str, Any]) -> Wanted:
    text = json.dumps(declared, sort_keys=True, ensure_ascii=False) if declared else "{}"
    digest = blake2b(f"{path}\n{text}".encode(), digest_size=16).hexdigest()
    return Wanted(type_id, path, text, digest)


def intern(asked: set[Wanted], *, now: datetime) -> tuple[dict[Wanted, int], set[int]]:
    """(the signature id of each, the ids seen for the first time); inside the writer's transaction."""
    ids = {each: _remembered[each.key] for each in asked if each.key in _remembered}
    missing = asked - ids.keys()
    if not missing:
        return ids, set()
    known = _stored(missing)
    created: set[int] = set()
    if unseen := [each for each in missing if each.key not in known]:
        folds = _folds(unseen, now=now)
        created = _insert({folds.get(each, each) for each in unseen})
        known |= _stored(folds.get(each, each) for each in unseen)
        known |= {each.key: known[folded.key] for each, folded in folds.items()}
    ids |= {each: known[each.key] for each in missing}
    _remember_on_commit({each.key: ids[each] for each in missing})
    return ids, created


def _stored(asked: Iterable[Wanted]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for group in batches(sorted(each.key for each in asked)):
        types, digests = {type_id for type_id, _digest in group}, {digest for _type, digest in group}
        rows = Signature.objects.filter(type__in=types, digest__in=digests)
        found |= {
            (type_id, digest): pk for pk, type_id, digest in rows.values_list("pk", "type_id", "digest")
        }
    return found


def _insert(unseen: set[Wanted]) -> set[int]:
    """Writes what nobody else has written meanwhile; in the order of keys, so that two writers never wait in a ring."""
    created: set[int] = set()
    table = connection.ops.quote_name(Signature._meta.db_table)
    with connection.cursor() as cursor:
        for group in batches(sorted(unseen, key=lambda row: row.key), 200):
            values: list[Any] = []
            for each in group:
                values += [each.type_id, each.path, each.attributes, each.digest]
            marks = ", ".join(["(%s, %s, %s, %s)"] * len(group))
            cursor.execute(
                f"INSERT INTO {table} (type_id, path, attributes, digest) VALUES {marks}"
                " ON CONFLICT (type_id, digest) DO NOTHING RETURNING id",
                values,
            )
            created |= {pk for (pk,) in cursor.fetchall()}
    return created


def _folds(unseen: list[Wanted], *, now: datetime) -> dict[Wanted, Wanted]:
    """What becomes of new paths of types that have too many: two segments, for good; twice too many: no path at all."""
    by_type: dict[int, list[Wanted]] = {}
    for each in sorted(unseen, key=lambda row: row.key):
        by_type.setdefault(each.type_id, []).append(each)
    counts = Signature.objects.filter(type__in=by_type).order_by().values("type_id")
    stored = {row["type_id"]: row["n"] for row in counts.annotate(n=Count("pk"))}
    folds: dict[Wanted, Wanted] = {}
    for type_id, rows in by_type.items():
        for position, each in enumerate(rows, stored.get(type_id, 0)):
            if position >= 2 * MOST_PER_TYPE:
                folds[each] = wanted(type_id, "*", {})
            elif position >= MOST_PER_TYPE:
                folds[each] = wanted(type_id, two_segments(each.path), json.loads(each.attributes))
        if stored.get(type_id, 0) + len(rows) > MOST_PER_TYPE:
            _raise_alarm(type_id, now)
    return folds


def _raise_alarm(type_id: int, now: datetime) -> None:
    """The first time, the type says so to everybody who looks at it; the log says it at every new path."""
    ActivityType.objects.filter(pk=type_id, paths_folded_since=None).update(paths_folded_since=now)
    logger.warning(
        "activity type %s has more than %s distinct pages: new ones are folded", type_id, MOST_PER_TYPE
    )


def _remember_on_commit(ids: dict[tuple[int, str], int]) -> None:
    """Only what is committed is remembered: an id of a transaction rolled back would point at nothing."""

    def remember() -> None:
        if len(_remembered) + len(ids) > REMEMBERED:
            _remembered.clear()
        _remembered.update(ids)

    transaction.on_commit(remember)
