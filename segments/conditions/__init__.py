"""The condition language. Trees are parsed once and read by several readers that ask one operator table."""

from segments.conditions.asking import (
    activity_types_asked,
    asks_any,
    derived_fields,
    expand_segments,
    fields_asked,
    segments_asked,
    trees_for,
)
from segments.conditions.facts import Facts, load_facts
from segments.conditions.nodes import Condition, to_json
from segments.conditions.parsing import parse, parse_frozen, parse_stored
from segments.conditions.reading import holds, next_flip
from segments.conditions.sql import next_flip_expression, to_q, to_qs
from segments.conditions.wheres import Where, compile_where, parse_where
from segments.conditions.wording import Answer, Reason, answers, reasons, sentence, sentences, where_words

__all__ = [
    "Answer",
    "Condition",
    "Facts",
    "Reason",
    "Where",
    "activity_types_asked",
    "answers",
    "asks_any",
    "compile_where",
    "derived_fields",
    "expand_segments",
    "fields_asked",
    "holds",
    "load_facts",
    "next_flip",
    "next_flip_expression",
    "parse",
    "parse_frozen",
    "parse_stored",
    "parse_where",
    "reasons",
    "segments_asked",
    "sentence",
    "sentences",
    "to_json",
    "to_q",
    "to_qs",
    "trees_for",
    "where_words",
]
