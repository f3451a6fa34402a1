"""The migration that drops the gate's rules, also from published models, and keeps these guarded."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = ("scoring", "0004_index_scores_by_total"), ("scoring", "0006_every_rule_is_in_a_group")


def migrated(to: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate([to])
    return executor.loader.project_state([to]).apps


@pytest.fixture
def old() -> Any:
    yield migrated(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_the_rules_of_the_gate_leave_published_models_too_and_the_others_stay_guarded(old: Any) -> None:
    models, rules, groups = (
        old.get_model("scoring", name) for name in ("ScoringModel", "ScoringRule", "RuleGroup")
    )
    model = models.objects.create(name="market", hot_at=50, cool_at=30, review_date=date(2026, 12, 1))
    group = groups.objects.create(model=model, name="Acts", axis="engagement")
    rules.objects.create(
        model=model, group=group, name="Silence", kind="inactivity", inactive_days=9, points=-1
    )
    for kind in ("gate_strong", "gate_active"):
        rules.objects.create(model=model, name=kind, kind=kind)
    models.objects.filter(pk=model.pk).update(state="live", frozen={})

    kept = migrated(AFTER).get_model("scoring", "ScoringRule").objects
    assert list(kept.values_list("name", flat=True)) == ["Silence"]
    for edit in (
        lambda: kept.update(points=-2),
        lambda: kept.create(
            model_id=model.pk, group_id=group.pk, name="x", kind="inactivity", inactive_days=1
        ),
    ):
        with pytest.raises(DatabaseError, match="published model"), transaction.atomic():
            edit()
