from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from leadqual.common.tokens import create_token
from tests.permissions import world
from tests.permissions.world import World


@pytest.fixture
def people(db: None) -> World:
    """`people.lead` is the owner's; `other` is a rep without leads."""
    return world.build()


@pytest.fixture
def program(people: World) -> Callable[[str], APIClient]:
    """program("owner"): a client with a key of that person."""

    def with_key(person: str) -> APIClient:
        client = APIClient(raise_request_exception=True)
        now = timezone.now() - timedelta(seconds=1)
        secret = create_token(people.people[person], "test", days=1, now=now).secret
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return with_key


def errors(answer: Any) -> list[tuple[str, str]]:
    return [(each["place"], each["code"]) for each in answer.json()["errors"]]
