"""The way in: nobody signs up, guesses are limited, staff bring a second factor where the settings ask for it."""

from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import Permission, User
from django.test import Client

from leadqual.common.access import Role, give_role, has_role

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
PASSWORD = "correct-horse-7"


@pytest.fixture
def marketer(settings: Any) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = User.objects.create_user("marketer", "m@example.com", PASSWORD)
    give_role(user, Role.MARKETER)
    return user


def sign_in(client: Client, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": "marketer", "password": password})


def test_name_or_address_and_password_open_the_first_page(marketer: User, client: Client) -> None:
    assert sign_in(client)["Location"] == "/"
    other = Client()
    assert other.post(LOGIN, {"login": "m@example.com", "password": PASSWORD})["Location"] == "/"


def test_guesses_are_limited_and_the_right_password_does_not_help_then(
    marketer: User, client: Client
) -> None:
    for _n in range(5):
        assert sign_in(client, "wrong").status_code == 200
    assert "_auth_user_id" not in client.session
    answer = sign_in(client)
    assert answer.status_code == 200 and "_auth_user_id" not in client.session
    assert "Too many" in answer.content.decode()


def test_nobody_signs_up(client: Client) -> None:
    answer = client.post(
        "/accounts/signup/",
        {"username": "x", "email": "x@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert answer.status_code == 200
    assert not User.objects.exists()


def test_the_admin_has_no_door_of_its_own(client: Client) -> None:
    assert client.get("/admin/login/")["Location"].startswith(LOGIN)
    assert client.post("/admin/login/", {"username": "marketer", "password": PASSWORD})[
        "Location"
    ].startswith(LOGIN)


def test_staff_without_a_second_factor_are_led_to_it_and_see_nothing_before(
    marketer: User, client: Client, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    sign_in(client)
    for path in ("/", "/leads/", "/admin/", "/api/v1/leads/"):
        assert client.get(path)["Location"] == "/accounts/2fa/totp/activate/", path
    asked_again = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert asked_again.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    client.post(asked_again.redirect_chain[-1][0], {"password": PASSWORD})
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_a_rep_may_do_without(client: Client, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    rep = User.objects.create_user("rep")
    give_role(rep, Role.REP)
    client.force_login(rep, "leadqual.common.signing_in.Backend")
    assert client.get("/me/").status_code == 200


def test_with_a_second_factor_the_password_alone_opens_nothing(
    marketer: User, client: Client, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    secret = generate_totp_secret()
    TOTP.activate(marketer, secret)
    codes = RecoveryCodes.activate(marketer).get_unused_codes()
    assert sign_in(client)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/leads/")["Location"].startswith(LOGIN)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/"
    assert client.get("/leads/").status_code == 200

    other = Client()
    sign_in(other)
    assert other.post("/accounts/2fa/authenticate/", {"code": codes[0]})["Location"] == "/"
    again = Client()
    sign_in(again)
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200


def test_one_query_answers_every_question_about_rights(
    marketer: User, django_assert_num_queries: Any
) -> None:
    user = User.objects.get(pk=marketer.pk)
    user.backend = "leadqual.common.signing_in.Backend"
    with django_assert_num_queries(1):
        assert has_role(user, Role.MARKETER) and not has_role(user, Role.REP, Role.ADMIN)
        assert user.has_perm("leads.view_lead") and not user.has_perm("auth.change_user")


def test_a_single_permission_counts_beside_those_of_groups(marketer: User) -> None:
    marketer.user_permissions.add(Permission.objects.get(codename="change_user"))
    assert User.objects.get(pk=marketer.pk).has_perm("auth.change_user")
    User.objects.filter(pk=marketer.pk).update(is_active=False)
    assert not User.objects.get(pk=marketer.pk).has_perm("leads.view_lead")
