"""What backends can be asked about in conditions: which data tells an attribute, and how it may be compared."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from msgspec import Struct
from msgspec.inspect import (
    BoolType,
    FloatType,
    IntType,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)
from returns.result import Failure, Result, Success

from ..records.backend import BackendRow, BackendStatus, Configuration
from ..records.problem import BadArgument, Problem, UnknownFilter, WrongType
from ..records.selection import Comparison, Condition
from .arguments import show_value
from .backends import DYNAMIC_CIRCUITS, ROW_FIELDS
from .names import nearest_name

Part = Literal["row", "configuration", "status"]
"""What can decide a condition, the cheapest first."""

Kind = Literal["number", "truth", "text", "list"]

COMPARABLE: Mapping[Kind, frozenset[Comparison]] = {
    "number": frozenset({"equals", "differs", "one_of", "at_least", "at_most", "above", "below"}),
    "truth": frozenset({"equals", "differs"}),
    "text": frozenset({"equals", "differs", "one_of", "contains", "lacks"}),
    "list": frozenset({"contains", "lacks"}),
}

ADVICE: Mapping[Kind, str] = {
    "number": "a comparison with a number",
    "truth": "the name alone, or after 'not'",
    "text": "==, !=, in, contains or lacks, with a word",
    "list": "contains or lacks",
}

IBM_NAMES = {"backend_name": "name", "n_qubits": "num_qubits", "pending_jobs": "queue_length"}
"""What IBM's users call fields of a row."""

NO_ATTRIBUTE = "ignored"
"""The field of a record that says what was left away of it."""

OPERATIONAL = "operational"
"""IBM's word for a state that is `online`."""


class Attribute(NamedTuple):
    """Where an attribute is stated, under which name, and what it holds."""

    part: Part
    field: str
    kind: Kind


@cache
def find_attributes() -> Mapping[str, Attribute]:
    """Return what can be asked, by all its names. What the listing tells is asked of the listing."""
    records: dict[Part, type[Struct]] = {
        "status": BackendStatus,
        "configuration": Configuration,
        "row": BackendRow,
    }
    known: dict[str, Attribute] = {}
    for part, record in records.items():
        for field in type_info(record).fields:  # type: ignore[attr-defined]  # the records are structs
            if field.name != NO_ATTRIBUTE and (kind := _kind_of(field.type)) is not None:
                known[field.name] = Attribute(part, field.name, kind)
    known[DYNAMIC_CIRCUITS] = Attribute("configuration", DYNAMIC_CIRCUITS, "truth")
    return known | {name: known[field] for name, field in IBM_NAMES.items()}


def place_condition(condition: Condition) -> Result[tuple[Part, Condition], Problem]:
    """Return the cheapest data that can decide a condition, and the condition in its terms.

    Fails with:
        UnknownFilter: Backends do not have the attribute.
        BadArgument: It cannot be compared like that.

    Source: behaviour B12, B241.
    """
    name, comparison, wanted = condition.field, condition.comparison, condition.wanted
    attributes = find_attributes()
    if name not in attributes:
        return Failure(UnknownFilter(name=name, nearest=nearest_name(name, attributes)))
    part, field, kind = attributes[name]
    if comparison not in COMPARABLE[kind] or not _suits(kind, comparison, wanted):
        return Failure(
            BadArgument(
                name=f"the condition on {name}", value=f"{comparison} {show_value(wanted)}", wanted=ADVICE[kind]
            )
        )
    if name == OPERATIONAL:
        online = wanted == (comparison == "equals")
        return Success(("row", Condition("state", "equals" if online else "differs", "online")))
    return Success((part, Condition(field, comparison, wanted)))


FORMS: Mapping[type[Type], tuple[type | tuple[type, ...], str]] = {
    BoolType: (bool, "True or False"),
    IntType: ((int, float), "a number"),
    FloatType: ((int, float), "a number"),
    StrType: (str, "a text"),
    VarTupleType: (tuple, "a list"),
    StructType: (dict, "a dictionary"),
    NoneType: (type(None), "None"),
}
"""By the type of a field, which values it can be equal to, and how they are called. Dates are compared as they are."""


@cache
def _declared() -> Mapping[str, tuple[Type, ...]]:
    """Return the types that attributes have, by the names that users filter by."""
    fields: dict[str, Type] = {}
    for record in (BackendStatus, Configuration):
        fields |= {field.name: field.type for field in type_info(record).fields}  # type: ignore[attr-defined]  # structs
    row = {field.name: field.type for field in type_info(BackendRow).fields}  # type: ignore[attr-defined]  # a struct
    fields |= {name: row[field] for name, field in ROW_FIELDS.items()} | {DYNAMIC_CIRCUITS: BoolType()}
    return {name: kind.types if isinstance(kind, UnionType) else (kind,) for name, kind in fields.items()}


def find_misfit(name: str, value: Any, given: Any) -> WrongType | None:
    """Return that an attribute can never be equal to a value, if so. Of a name that nobody knows nothing is said.

    Args:
        name: As users filter by it.
        value: As plain data.
        given: As the user has it.

    Source: behaviour B303.
    """
    kinds = _declared().get(name, ())
    if not all(type(kind) in FORMS for kind in kinds):
        return None
    forms = [FORMS[type(kind)] for kind in kinds]
    truths = any(form is bool for form, _ in forms)
    fits = any(isinstance(value, form) for form, _ in forms) and (truths or not isinstance(value, bool))
    if not forms or fits:
        return None
    return WrongType(name=name, value=show_value(given), wanted=" or ".join(dict.fromkeys(words for _, words in forms)))


def _kind_of(declared: Type) -> Kind | None:
    """Return what a field holds, or `None` for what a condition cannot be about."""
    types = declared.types if isinstance(declared, UnionType) else (declared,)
    held = tuple(member for member in types if not isinstance(member, NoneType))
    if all(isinstance(member, BoolType) for member in held):
        return "truth"
    if all(isinstance(member, IntType | FloatType) for member in held):
        return "number"
    if all(isinstance(member, StrType) for member in held):
        return "text"
    lists = [member for member in held if isinstance(member, VarTupleType)]
    items = [kind.item_type for kind in lists]
    plain = len(lists) == len(held) and all(isinstance(item, IntType | FloatType | StrType) for item in items)
    return "list" if plain else None


def _suits(kind: Kind, comparison: Comparison, wanted: Any) -> bool:
    """Whether a value can be meant for a field of a kind."""
    if comparison == "one_of":
        return isinstance(wanted, tuple | list) and all(_suits(kind, "equals", value) for value in wanted)
    match kind:
        case "number":
            missing = wanted is None and comparison in ("equals", "differs")
            return missing or (isinstance(wanted, int | float) and not isinstance(wanted, bool))
        case "truth":
            return isinstance(wanted, bool | None)
        case "text":
            return isinstance(wanted, str)
        case "list":
            return isinstance(wanted, int | float | str)
