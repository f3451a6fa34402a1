"""The design of this site as a file that `load_design` reads back without changing anything."""

from typing import Any

import yaml

from leadqual.operations.design.loading import FORMAT, HEAD
from leadqual.operations.design.schema import spoken
from leadqual.operations.design.sections import SECTIONS


class Dumper(yaml.SafeDumper):
    """Writes every list and condition whole: a file read by people has no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def dump() -> str:
    """Sections with something in them, in the order of loading; what is as it would be anyway is left out."""
    design: dict[str, Any] = {HEAD: FORMAT}
    for section in SECTIONS:
        objects = {name: spoken(values, section.keys) for name, values in section.dump().items()}
        if objects:
            design[section.name] = objects
    return yaml.dump(design, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=110)
