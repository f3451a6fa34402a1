import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from tests import marks

pytestmark = marks.once


def test_the_schema_says_all_there_is_without_a_warning(tmp_path: pytest.TempPathFactory) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema.yml")


def test_every_body_has_an_example_or_a_field_list() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    paths = schema["paths"]
    assert "/api/v1/activities/" in paths
    example = paths["/api/v1/activities/"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert example["APageView"]["value"]
