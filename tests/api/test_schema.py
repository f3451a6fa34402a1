import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from tests import marks
from tests.permissions.world import World

pytestmark = marks.once


def test_the_schema_says_all_there_is_without_a_warning(tmp_path: pytest.TempPathFactory) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema.yml")


def test_every_body_has_an_example_or_a_field_list() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    paths = schema["paths"]
    assert "/api/v1/activities/" in paths
    example = paths["/api/v1/activities/"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert example["APageView"]["value"]


@pytest.mark.django_db
def test_the_page_says_every_operation_with_its_example(people: World) -> None:
    shown = people.client("owner").get("/api/v1/docs/").content.decode()
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        for method in set(methods) & {"get", "post", "patch"}:
            assert f'<strong>{method.upper()}</strong> <code class="wrap">{path}</code>' in shown
    assert "hanako.yamada@example.com" in shown
