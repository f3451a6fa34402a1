"""Real files, looked for beside the project and never part of it."""

import gzip
import json
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from django.db.models import Min

from leadqual.leads.models import CustomField, Lead
from tests.leads.files import figures_of, import_activities, import_leads, report_of

DATA = Path(os.environ.get("LEADQUAL_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("var"),
    pytest.mark.skipif(not DATA.is_dir(), reason="no shared data; set LEADQUAL_SHARED_DATA to its folder"),
]

BANK = ["--rest", "custom", "--key", "none", "--outcome-column", "y", "--outcome-won", "yes"]
ECOM = [
    "--map",
    "user_id=lead.external_id",
    "--map",
    "event=type",
    "--map",
    "timestamp=occurred_at",
    "--create-leads",
]


def beginning(source: Path, count: int, path: Path) -> Path:
    """The header and the first rows of a file, packed as the file is."""
    opened = gzip.open if source.suffix == ".gz" else open
    with opened(source, "rb") as lines, opened(path, "wb") as file:
        file.writelines(islice(lines, count + 1))
    return path


@pytest.mark.soak
def test_all_bank_contacts_are_accounted_for(figure: Callable[..., int], tmp_path: Path) -> None:
    count = figure(small=1500, full=41_188)
    path = beginning(DATA / "bank_marketing" / "bank-additional-full.csv", count, tmp_path / "bank.csv")

    assert figures_of(import_leads(path, *BANK)) == {"rows": count, "created": count}
    assert figures_of(import_leads(path, *BANK)) == {"rows": count, "skipped": count}
    assert CustomField.objects.count() == 20
    assert dict(CustomField.objects.filter(key__in=["age", "job", "emp_var_rate"]).values_list("key", "type")) == {
        "age": "number", "job": "choice", "emp_var_rate": "number",
    }  # fmt: skip
    assert set(Lead.objects.values_list("outcome", "status")) == {("won", "customer"), ("lost", "lost")}


@pytest.mark.soak
def test_all_shop_events_become_acts_of_their_people(figure: Callable[..., int], tmp_path: Path) -> None:
    count = figure(small=3000, full=31_106)
    path = beginning(DATA / "ecom_events" / "ecom.csv.gz", count, tmp_path / "ecom.csv.gz")

    result = import_activities(path, *ECOM)

    assert (result["rows"], result["recorded"], result["duplicates"], result["rejected"]) == (
        count,
        count,
        0,
        0,
    )
    assert result["leads_created"] == Lead.objects.count() == figure(small=Lead.objects.count(), full=600)
    assert figures_of(import_activities(path, *ECOM)) == {"rows": count, "duplicates": count}
    firsts = Lead.objects.annotate(first_act=Min("activities__occurred_at"))
    assert all(lead.created_at == lead.first_act for lead in firsts)


def test_a_file_of_business_cards_gives_the_leads_it_must_give() -> None:
    folder = DATA / "imports" / "eight"
    expected = json.loads((folder / "eight_expected.json").read_text("utf-8"))
    path = folder / "eight_18col_cp932_crlf.csv"

    result = import_leads(path, "--rest", "custom")

    assert (result["rows"], result["created"], result["rejected"]) == (922, 802, 3)
    assert len({lead for lead in expected["truth_row_to_lead"] if lead is not None}) == 802
    assert {row[2] for row in report_of(result)[1:]} == {"nobody"}
    assert figures_of(import_leads(path, "--rest", "custom")) == {"rows": 922, "skipped": 919, "rejected": 3}


@pytest.mark.parametrize(
    "file", ["hubspot/contact_data.csv", "salesforce/sf_lead_data.csv", "salesforce/sf_contact_data.csv"]
)
def test_exports_of_other_systems_are_accounted_for(file: str) -> None:
    result = import_leads(
        DATA / "imports" / file, "--rest", "custom", "--map", "id=external_id", "--key", "external_id"
    )

    assert result["rows"] == sum(result[end] for end in ("created", "updated", "skipped", "rejected"))
    again = import_leads(
        DATA / "imports" / file, "--rest", "custom", "--map", "id=external_id", "--key", "external_id"
    )
    assert (again["created"], again["updated"], again["rejected"]) == (0, 0, result["rejected"])


def test_formulas_of_a_hostile_file_are_stored_as_text() -> None:
    import_leads(DATA / "imports" / "formula_injection.csv")

    assert "=cmd|'/C calc'!A0" in set(Lead.objects.values_list("company__name", flat=True))
