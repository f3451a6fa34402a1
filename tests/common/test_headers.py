import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client

from leadqual.common.csp import ContentSecurityPolicyMiddleware

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/admin/login/", "/no-such-page"])
def test_every_answer_carries_the_strict_policy(client: Client, path: str) -> None:
    assert client.get(path).headers["Content-Security-Policy"] == STRICT


def test_a_view_cannot_loosen_the_policy() -> None:
    def loose(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "default-src *"})

    response = ContentSecurityPolicyMiddleware(loose)(HttpRequest())
    assert response.headers["Content-Security-Policy"] == STRICT


@pytest.mark.django_db
def test_health_is_told_to_anyone_and_never_cached(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_health_is_503_while_the_database_does_not_answer(client: Client) -> None:
    def refuse(*_: object) -> None:
        from django.db import OperationalError

        raise OperationalError("gone, and with it the secret name of the host")

    with connection.execute_wrapper(refuse):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"status": "no database"})


@pytest.mark.django_db
def test_health_changes_nothing(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_log_in(client: Client) -> None:
    response = client.get("/admin/")
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/login/?next=/admin/")
