from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from leadqual.common.errors import LeadqualError
from leadqual.common.models import ApiToken
from leadqual.common.tokens import create_token
from tests.permissions.world import World

pytestmark = pytest.mark.django_db
LEADS = "/api/v1/leads/"


def ask(secret: str) -> int:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return int(client.get(LEADS).status_code)


def test_a_key_opens_what_its_owner_may_see_and_stands_nowhere_in_the_database(people: World) -> None:
    made = create_token(people.people["owner"], "CRM", days=30, now=timezone.now())
    assert ask(made.secret) == 200
    row = ApiToken.objects.get()
    assert row.digest == sha256(made.secret.encode()).hexdigest()
    assert made.secret not in str(ApiToken.objects.values().get())
    assert row.used_day is not None


def test_a_wrong_key_an_expired_one_and_one_of_somebody_who_left_open_nothing(people: World) -> None:
    now = timezone.now()
    assert ask("lq_wrong") == 401
    assert ask("") == 401
    assert ask(create_token(people.people["owner"], "old", days=1, now=now - timedelta(days=2)).secret) == 401
    left = create_token(people.people["owner"], "left", days=1, now=now)
    people.people["owner"].is_active = False
    people.people["owner"].save()
    assert ask(left.secret) == 401


@pytest.mark.parametrize(("name", "days", "place"), [("", 30, "name"), ("x", 0, "days"), ("x", 366, "days")])
def test_a_key_needs_a_name_and_ends_within_a_year(people: World, name: str, days: int, place: str) -> None:
    with pytest.raises(LeadqualError) as caught:
        create_token(people.people["owner"], name, days=days, now=timezone.now())
    assert caught.value.place == place
    assert not ApiToken.objects.exists()


def test_a_session_needs_the_csrf_token_and_a_key_does_not(people: World) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(people.people["marketer"], "leadqual.common.signing_in.Backend")
    assert browser.post(LEADS, {"family_name": "X"}, format="json").status_code == 403
    made = create_token(people.people["marketer"], "CRM", days=1, now=timezone.now())
    program = APIClient(enforce_csrf_checks=True)
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {made.secret}")
    assert program.post(LEADS, {"family_name": "X"}, format="json").status_code == 201
