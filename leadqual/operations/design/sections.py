"""The parts of a design file, in the order in which they are loaded: what is asked before what asks it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leadqual.leads.models import Target
from leadqual.operations.design import (
    activity_types,
    contents,
    custom_fields,
    journey_maps,
    policies,
    scoring_models,
    segments,
    teams,
)
from leadqual.operations.design.context import Context
from leadqual.operations.design.problems import Path
from leadqual.operations.design.rows import Change
from leadqual.operations.design.schema import Key

Specs = dict[str, dict[str, Any]]


def _as_written(context: Context, specs: Specs, path: Path) -> list[str]:
    return list(specs)


def _nothing(context: Context, specs: Specs) -> dict[str, Change]:
    return {}


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    keys: list[Key]
    load: Callable[[Context, str, dict[str, Any], Path], Change]
    dump: Callable[[], Specs]
    prune: Callable[[set[str]], dict[str, Change]]
    in_order: Callable[[Context, Specs, Path], list[str]] = _as_written
    # What the objects of the section are together, once each is there; which of them it changed.
    together: Callable[[Context, Specs], dict[str, Change]] = _nothing


SECTIONS = [
    Section(
        "activity_types", activity_types.KEYS, activity_types.load, activity_types.dump, activity_types.prune
    ),
    *(
        Section(
            name,
            custom_fields.KEYS,
            custom_fields.loader(target),
            custom_fields.dumper(target),
            custom_fields.pruner(target),
        )
        for name, target in (("custom_fields", Target.LEAD), ("company_custom_fields", Target.COMPANY))
    ),
    Section("segments", segments.KEYS, segments.load, segments.dump, segments.prune, segments.in_order),
    Section("contents", contents.KEYS, contents.load, contents.dump, contents.prune),
    Section("journey_maps", journey_maps.KEYS, journey_maps.load, journey_maps.dump, journey_maps.prune),
    Section(
        "scoring_models", scoring_models.KEYS, scoring_models.load, scoring_models.dump, scoring_models.prune
    ),
    Section("teams", teams.TEAM_KEYS, teams.load_team, teams.dump_teams, teams.prune_teams),
    Section("reps", teams.REP_KEYS, teams.load_rep, teams.dump_reps, teams.prune_reps),
    Section(
        "policies",
        policies.KEYS,
        policies.load,
        policies.dump,
        policies.prune,
        together=policies.put_in_order,
    ),
]
