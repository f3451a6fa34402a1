"""The command: once is enough, an interruption does no harm, nobody's own leads are touched."""

import hashlib
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.db import transaction

from handoff.models import Feedback, Handoff, SalesTeam
from leadqual.common.access import Role, has_role
from leadqual.common.models import Slot
from leadqual.demo import accounts, seeding
from leadqual.leads.models import Activity, Company, Lead, StatusChange
from leadqual.scoring.models import Qualification
from tests.demo.markets import TODAY, a_market
from tests.leads.factories import a_lead

pytestmark = pytest.mark.django_db

FEW = 40
COUNTED = (Lead, Company, Activity, Qualification, Handoff, Feedback, StatusChange)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(
        "seed_demo",
        "--leads",
        str(FEW),
        "--as-of",
        TODAY.isoformat(),
        *arguments,
        stdout=out,
        stderr=io.StringIO(),
    )
    return out.getvalue()


def counts() -> list[int]:
    return [table._default_manager.count() for table in COUNTED]


def test_a_second_run_makes_nothing_new_and_tells_the_log_ins_again(own_folder: Path) -> None:
    first = run()
    before = counts()
    assert before[0] == FEW
    assert run() == first
    assert counts() == before
    (own_folder / "demo-password").unlink()
    run()
    assert authenticate(username="rep3", password=(own_folder / "demo-password").read_text()) is not None
    assert counts() == before


def test_everybody_in_the_table_can_sign_in_and_has_a_role(own_folder: Path) -> None:
    told = run()
    word = (own_folder / "demo-password").read_text()
    assert stat.S_IMODE((own_folder / "demo-password").stat().st_mode) == 0o600
    rows = [line.split() for line in told.splitlines()]
    users = {user.get_username(): user for user in get_user_model().objects.all()}
    named = {users[cell] for row in rows for cell in row if cell in users}
    assert len(named) == 11
    for user in named:
        assert word in next(line for line in told.splitlines() if f" {user.get_username()} " in line)
        assert authenticate(username=user.get_username(), password=word) == user
    assert has_role(users["marketer"], Role.MARKETER)
    assert has_role(users["rep1"], Role.REP)
    assert not has_role(users["rep1"], Role.MARKETER, Role.ADMIN)
    assert has_role(users["admin"], Role.ADMIN)
    assert SalesTeam.objects.filter(manager=users["manager"]).count() == 2
    assert authenticate(username=accounts.LEFT, password=word) is None


def test_a_password_that_somebody_chose_stays_and_is_not_told(own_folder: Path) -> None:
    run()
    user = get_user_model().objects.get(username="admin")
    user.set_password("my own words")
    user.save()
    told = run("--if-empty")
    assert authenticate(username="admin", password="my own words") == user
    assert " admin " not in told
    assert " rep1 " in told
    (own_folder / "demo-password").unlink()
    run("--if-empty")
    assert authenticate(username="admin", password="my own words") == user


def test_accounts_that_were_there_before_keep_their_password_and_rights() -> None:
    get_user_model().objects.create_user("admin", password="my own words")
    run()
    user = authenticate(username="admin", password="my own words")
    assert user is not None
    assert not user.is_superuser


def test_own_leads_are_not_touched() -> None:
    a_lead()
    with pytest.raises(CommandError, match="leads already"):
        run()
    assert run("--if-empty") == ""
    assert counts()[0] == 1


def test_production_wants_to_be_asked(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--force"):
        run()
    assert Lead.objects.count() == 0
    run("--force")
    assert Lead.objects.count() == FEW


@pytest.mark.parametrize("step", ["write", "bring_up"])
def test_an_interrupted_run_is_ended_by_the_next(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_arguments: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt), transaction.atomic():
        patched.setattr(seeding, step, killed)
        if step == "bring_up":
            with pytest.raises(KeyboardInterrupt):
                run()
            assert Lead.objects.count() == FEW
            assert not seeding.is_complete()
            run_again_as_usual(patched)
            raise KeyboardInterrupt
        run()
    Slot.objects.filter(job=seeding.JOB).delete()
    if step != "bring_up":
        assert Lead.objects.count() == 0
        run()
        assert Handoff.objects.filter(state="offered").exists()


def run_again_as_usual(patched: pytest.MonkeyPatch) -> None:
    patched.undo()
    before = counts()
    run()
    assert seeding.is_complete()
    assert counts()[:3] == before[:3]
    assert Handoff.objects.filter(state="offered").exists()


def digest() -> str:
    """What the market says, without numbers that the database gave."""
    acts = Activity.objects.order_by("event_id").values_list(
        "event_id", "lead__email", "signature__path", "occurred_at"
    )
    deals = Handoff.objects.order_by("made_at", "lead__email").values_list(
        "lead__email", "rep__user__username", "state", "offered_at", "closed_at", "answer"
    )
    said = Feedback.objects.order_by("at", "handoff__lead__email").values_list(
        "bought", "timing", "reason", "amount"
    )
    leads = Lead.objects.order_by("email").values_list(
        "email", "family_name", "company__name", "status", "custom"
    )
    rows = [list(each) for each in (acts, deals, said, leads)]
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


def test_the_same_seed_gives_the_same_market() -> None:
    found = []
    for _time in range(2):
        with transaction.atomic():
            a_market(FEW)
            found.append(digest())
            transaction.set_rollback(True)
    assert found[0] == found[1]


def test_the_english_market_has_no_japanese_in_it() -> None:
    run("--language", "en")
    texts = [
        str(row)
        for row in Lead.objects.values_list("family_name", "title", "department", "source", "company__name")
    ]
    texts += [str(row) for row in Handoff.objects.values_list("answer", "policy__name", "policy__follow_up")]
    assert all(text.isascii() for text in texts)
