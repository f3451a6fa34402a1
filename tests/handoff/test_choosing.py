"""The choice among reps, without a database."""

from collections import Counter

from handoff.choosing import Member, choose
from handoff.models import Strategy


def member(rep_id: int, **fields: object) -> Member:
    base = {"weight": 1, "capacity": 10, "load": 0, "turn": 0, "user_id": rep_id, "team_id": 1, "address": ""}
    return Member(rep_id=rep_id, **base | fields)  # type: ignore[arg-type]


def deal(members: list[Member], number: int, strategy: str) -> Counter[int]:
    given: Counter[int] = Counter()
    for turn in range(1, number + 1):
        chosen = choose(members, strategy, answers={}).member
        if chosen is None:
            break
        chosen.load += 1
        chosen.turn = turn
        given[chosen.rep_id] += 1
    return given


def test_by_weight_a_rep_of_double_weight_gets_about_double() -> None:
    members = [member(1, weight=2, capacity=1000), member(2, weight=1, capacity=1000)]
    given = deal(members, 30, Strategy.WEIGHTED)
    assert given[1] > given[2]
    assert sum(given.values()) == 30


def test_by_weight_the_rep_with_more_free_places_comes_first() -> None:
    busy, idle = member(1, load=9), member(2, load=1)
    choice = choose([busy, idle], Strategy.WEIGHTED, answers={})
    assert choice.member is idle
    assert choice.candidates == [[2, 9], [1, 1]]
    assert choice.reasons == {"strategy": "weighted", "considered": 2, "because": "weight"}


def test_in_turn_everybody_gets_the_same_whatever_the_weight() -> None:
    members = [member(1, weight=9), member(2), member(3)]
    assert deal(members, 9, Strategy.ROUND_ROBIN) == {1: 3, 2: 3, 3: 3}


def test_in_turn_goes_on_where_it_stopped() -> None:
    members = [member(1, turn=12), member(2, turn=10), member(3, turn=11)]
    order = []
    for turn in range(13, 17):
        chosen = choose(members, Strategy.ROUND_ROBIN, answers={}).member
        assert chosen is not None
        chosen.turn = turn
        order.append(chosen.rep_id)
    assert order == [2, 3, 1, 2]


def test_whoever_has_the_territory_comes_before_those_without_one() -> None:
    free, north, south = member(1, weight=9), member(2, territory="north"), member(3, territory="south")
    choice = choose([free, north, south], Strategy.TERRITORY_FIRST, answers={"north": True, "south": False})
    assert choice.member is north
    assert choice.reasons == {
        "strategy": "territory_first",
        "considered": 2,
        "outside": 1,
        "because": "territory",
    }
    north.load = 10
    choice = choose([free, north, south], Strategy.TERRITORY_FIRST, answers={"north": True, "south": False})
    assert choice.member is free
    assert choice.reasons["full"] == 1


def test_a_territory_keeps_other_leads_away_under_every_strategy() -> None:
    south = member(1, territory="south")
    for strategy in Strategy.values:
        assert choose([south], strategy, answers={"south": False}).member is None


def test_the_rep_of_the_company_comes_first_if_there_is_a_place() -> None:
    known, other = member(1, load=8), member(2)
    choice = choose([known, other], Strategy.SAME_COMPANY_FIRST, answers={}, company_rep=1)
    assert (choice.member, choice.reasons["because"]) == (known, "company")
    known.load = 10
    choice = choose([known, other], Strategy.SAME_COMPANY_FIRST, answers={}, company_rep=1)
    assert (choice.member, choice.reasons["because"]) == (other, "only_one")


def test_those_who_had_their_chance_are_not_asked_again() -> None:
    first, second = member(1), member(2)
    assert choose([first, second], Strategy.WEIGHTED, answers={}, tried=[1]).member is second
    assert choose([first, second], Strategy.WEIGHTED, answers={}, tried=[1, 2]).member is None


def test_nobody_can_take_it_and_the_reasons_say_why() -> None:
    choice = choose(
        [member(1, away=True), member(2, load=10), member(3, capacity=0)], Strategy.WEIGHTED, answers={}
    )
    assert choice.member is None
    assert choice.candidates == []
    assert choice.reasons == {"strategy": "weighted", "considered": 0, "away": 1, "full": 2}


def test_only_the_first_candidates_are_kept() -> None:
    choice = choose([member(rep) for rep in range(1, 21)], Strategy.WEIGHTED, answers={})
    assert [rep for rep, _free in choice.candidates] == [1, 2, 3, 4, 5]
    assert choice.reasons["considered"] == 20
