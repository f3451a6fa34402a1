"""The list of leads and what belongs to it: views, bulk actions, exports, imports, forms, companies."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from leadqual.desk.exporting import path_of
from leadqual.desk.models import BulkAction, Export, SavedView, WorkState
from leadqual.desk.uploading import keep
from leadqual.leads.models import Import, ImportKind
from tests.permissions.table import Route
from tests.permissions.world import World

LEAD = {"family_name": "New", "email": "new@example.com"}


def _view(world: World) -> None:
    world.things["view"] = SavedView.objects.create(owner=world.people["owner"], name="Mine", shared=True)


def _action(world: World) -> None:
    world.things["action"] = BulkAction.objects.create(
        by=world.people["marketer"], action="disqualify", done=1, undo={"statuses": {}}
    )


def _export(world: World) -> None:
    """The owner's own file: nobody else's, not even an admin's."""
    export = Export.objects.create(
        by=world.people["owner"], format="csv", state=WorkState.DONE, expires_at=timezone.now() + timedelta(1)
    )
    path_of(export).parent.mkdir(parents=True, exist_ok=True)
    path_of(export).write_text("x")
    world.things["export"] = export


def _upload(world: World) -> None:
    file = SimpleUploadedFile("people.csv", b"email\nsomebody@example.com\n")
    world.things["upload"] = keep(file, ImportKind.LEADS, by=world.people["marketer"])


def _import(world: World) -> None:
    world.things["import"] = Import.objects.create(
        kind=ImportKind.LEADS, file_name="a.csv", digest="d", started_at=timezone.now()
    )


def _of(name: str) -> Any:
    return lambda world: {"public_id": world.things[name].public_id}


def _lead(world: World) -> dict[str, Any]:
    return {"public_id": world.lead.public_id}


def _company(world: World) -> dict[str, Any]:
    return {"public_id": world.company.public_id}


def _edited(world: World) -> dict[str, Any]:
    return {"family_name": "Canary", "email": world.lead.email, "version": world.lead.version}


def _renamed(world: World) -> dict[str, Any]:
    return {"name": "Canary Works", "version": world.company.version}


ROUTES = [
    Route("desk:leads", {"GET": "login 200 200 200 200"}),
    Route("desk:leads_unsegmented", {"GET": "login 403 403 200 200"}),
    Route(
        "desk:lead_columns",
        {"GET": "login 200 200 200 200", "POST": "login 302 302 302 302"},
        data=lambda world: {"column": ["email"]},
    ),
    Route("desk:lead_views", {"POST": "login 302 302 302 302"}, data=lambda world: {"name": "V"}),
    Route(
        "desk:lead_view_delete",
        {"POST": "login 302 404 404 404"},
        prepare=_view,
        arguments=lambda world: {"pk": world.things["view"].pk},
    ),
    Route(
        "desk:leads_bulk",
        {"POST": "login 403 403 200 200"},
        data=lambda world: {"action": "disqualify", "lead": [str(world.lead.public_id)]},
    ),
    Route("desk:bulk_action", {"GET": "login 404 404 200 404"}, prepare=_action, arguments=_of("action")),
    Route("desk:bulk_undo", {"POST": "login 404 404 302 404"}, prepare=_action, arguments=_of("action")),
    Route("desk:exports", {"GET": "login 200 200 200 200"}),
    Route("desk:export", {"GET": "login 200 404 404 404"}, prepare=_export, arguments=_of("export")),
    Route("desk:export_download", {"GET": "login 200 404 404 404"}, prepare=_export, arguments=_of("export")),
    Route("desk:imports", {"GET": "login 403 403 200 200", "POST": "login 403 403 200 200"}),
    Route(
        "desk:import",
        {"GET": "login 403 403 200 200", "POST": "login 403 403 302 302"},
        prepare=_upload,
        arguments=_of("upload"),
        data=lambda world: {"column_0": "email"},
    ),
    Route("desk:import_cancel", {"POST": "login 403 403 302 302"}, prepare=_upload, arguments=_of("upload")),
    Route("desk:import_report", {"GET": "login 403 403 200 200"}, prepare=_import, arguments=_of("import")),
    Route("desk:import_rejected", {"GET": "login 403 403 200 200"}, prepare=_import, arguments=_of("import")),
    Route(
        "desk:lead_new",
        {"GET": "login 200 200 200 200", "POST": "login 302 302 302 302"},
        data=lambda world: LEAD,
    ),
    Route(
        "desk:lead_edit",
        {"GET": "login 200 404 200 200", "POST": "login 302 404 302 302"},
        arguments=_lead,
        data=_edited,
    ),
    Route(
        "desk:hand_over",
        {"GET": "login 403 403 200 200", "POST": "login 403 403 302 302"},
        arguments=_lead,
        data=lambda world: {"why": "asked for a call"},
    ),
    Route("desk:companies", {"GET": "login 200 200 200 200"}),
    Route(
        "desk:company_new",
        {"GET": "login 403 403 200 200", "POST": "login 403 403 302 302"},
        data=lambda world: {"name": "Another Works"},
    ),
    Route(
        "desk:company_edit",
        {"GET": "login 403 403 200 200", "POST": "login 403 403 302 302"},
        arguments=_company,
        data=_renamed,
    ),
]
