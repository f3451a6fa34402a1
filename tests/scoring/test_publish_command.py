import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from leadqual.common import clock
from leadqual.scoring.models import ScoringModel
from tests.scoring.drafts import DAY, a_draft, on
from tests.scoring.markets import Killed, Market, killed_at, open_leads, states, totals

pytestmark = pytest.mark.django_db

AS_OF = clock.date_of(DAY).isoformat()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("publish_model", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(*arguments: str) -> str:
    """The one line of the refusal; nothing is printed to stdout and no model is another one."""
    out, before = StringIO(), list(ScoringModel.objects.order_by("pk").values())
    with pytest.raises(CommandError) as error:
        call_command("publish_model", *arguments, stdout=out, stderr=StringIO())
    assert error.value.returncode == 1
    assert list(ScoringModel.objects.order_by("pk").values()) == before
    assert out.getvalue() == ""
    return str(error.value)


def test_the_first_model_is_live_and_says_what_comes_next() -> None:
    market = Market(hot_at=1000, gate_strong_within=30)
    assert run("market", "--as-of", AS_OF).splitlines() == [
        "to think about: rule “Visit”: weak acts of this rule can add up to a strong act (40 points); limit them",
        "market 1 is live; the next rescore gives everybody a score",
    ]
    market.first.refresh_from_db()
    assert (market.first.state, market.first.published_day) == ("live", DAY)


def test_a_later_model_shows_its_numbers_before_it_is_live() -> None:
    market = Market()
    market.open()
    market.draft(20, hot_at=40, cool_at=20)
    said = run("market", "--as-of", AS_OF).splitlines()
    assert [line for line in said if not line.startswith("to think about: ")] == [
        "newly hot: 1, stay hot: 3, no longer hot: 0",
        "market 2 is live",
        "newly hot leads kept back: 1; release_hot_leads hands them over",
    ]
    assert states() == [(1, "retired", None), (2, "live", None)]
    assert open_leads()[market.leads[1].pk][1:] == ("publish", False)


def test_who_was_kept_back_is_released_later_and_once() -> None:
    market = Market()
    market.open()
    market.draft(20, hot_at=40, cool_at=20)
    run("market", "--as-of", AS_OF)
    said = StringIO()
    call_command("release_hot_leads", stdout=said)
    call_command("release_hot_leads", stdout=said)
    assert said.getvalue().splitlines() == [
        "hot leads released for handoff: 1",
        "hot leads released for handoff: 0",
    ]
    assert open_leads()[market.leads[1].pk][1:] == ("publish", True)


def test_released_at_once_if_it_is_ticked_and_told_as_json() -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=40, cool_at=20, review_date=None)
    assert json.loads(run("market", "--as-of", AS_OF, "--release-hot", "--json")) == {
        "model": "market",
        "version": 2,
        "first": False,
        "preview": {"newly_hot": 1, "stay": 3, "end": 0},
        "opened": 1,
        "ended": 0,
        "released": True,
        "advice": [
            {
                "code": "no_review_date",
                "place": "review_date",
                "message": "nobody will look again whether these points are right",
            },
        ]
        + [
            {
                "code": code,
                "place": "rule “Visit”",
                "message": message,
            }
            for code, message in (
                (
                    "weak_makes_hot",
                    "weak acts alone can make a lead hot; limit them, cap their group or ask a strong act",
                ),
                (
                    "weak_like_strong",
                    "weak acts of this rule can add up to a strong act (40 points); limit them",
                ),
            )
        ],
    }
    assert open_leads()[market.leads[1].pk] == (new.pk, "publish", True)


def test_without_a_day_old_scores_stay_where_they_stand() -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=40, cool_at=20)
    assert clock.today() - DAY > 7
    run("market")
    new.refresh_from_db()
    assert (new.published_day, totals(new)) == (DAY, [20, 40, 60, 80, 100])


def test_an_unknown_name_is_told_with_what_there_is() -> None:
    assert refused("nothing") == "nothing: there is no such scoring model; there are: none"
    Market()
    assert refused("nothing") == "nothing: there is no such scoring model; there are: market"


def test_a_model_without_a_draft_is_told_with_its_versions() -> None:
    Market().open()
    assert (
        refused("market", "--as-of", AS_OF) == "market: there is no version that is “draft”: market 1 (live)"
    )


def test_faults_and_days_are_one_line_with_their_place() -> None:
    market = Market()
    market.open()
    market.draft(20, hot_at=40, cool_at=20)
    a_draft("empty")
    assert (
        refused("empty", "--as-of", AS_OF) == "empty 1, rules: a model without rules gives nobody any points"
    )
    assert refused("market", "--as-of", "yesterday") == "--as-of: “yesterday” is not a date like 2024-06-30"
    assert refused("market", "--as-of", "2026-03-09").startswith("--as-of: scores stand at 2026-03-10")


def test_an_interrupted_publication_can_be_gone_on_with_or_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    market = Market()
    market.open()
    new = market.draft(20, hot_at=40, cool_at=20)

    def interrupt() -> None:
        with monkeypatch.context() as dying:
            killed_at(dying, "build_range", 1)
            with pytest.raises(Killed):
                run("market", "--as-of", AS_OF)

    interrupt()
    assert "market 2 (being built), market 1 (live)" in refused("market")
    assert run("market", "--discard") == "market 2 is a draft again\n"
    assert states() == [(1, "live", None), (2, "draft", None)]
    assert "being built" in refused("market", "--resume")
    interrupt()
    assert run("market", "--resume").splitlines()[:2] == [
        "newly hot: 1, stay hot: 3, no longer hot: 0",
        "market 2 is live",
    ]
    assert totals(new) == [20, 40, 60, 80, 100]


def test_progress_goes_to_the_error_stream_only() -> None:
    market = Market()
    market.open()
    market.draft(20, hot_at=40, cool_at=20)
    out, err = StringIO(), StringIO()
    call_command("publish_model", "market", "--as-of", AS_OF, "--json", stdout=out, stderr=err)
    assert json.loads(out.getvalue())["opened"] == 1
    assert "scoring under the new model 5/5" in err.getvalue()


def test_it_is_published_at_the_moment_of_the_command() -> None:
    market = Market()
    before = clock.now()
    run("market", "--as-of", AS_OF)
    market.first.refresh_from_db()
    assert market.first.published_at is not None
    assert before <= market.first.published_at <= clock.now()
    assert market.first.published_at > on(DAY)
