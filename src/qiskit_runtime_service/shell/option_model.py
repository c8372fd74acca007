"""Groups of options in which each has a value, with the methods that users of pydantic models know."""

from collections.abc import Iterable, Iterator, Mapping, Set
from copy import copy, deepcopy
from dataclasses import Field, dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple, Self, TypeVar, dataclass_transform

import msgspec

from .._public import public
from .._shown import write_out
from ..client.raising import exception_of, value_or_raise
from ..core.arguments import read_mapping, show_value
from ..core.keys import hide_keys
from ..records.problem import BadArgument
from .option_group import OptionGroup, check_fields, group, refuse_unknown

M = TypeVar("M", bound="OptionModel")
Selected = Set[str] | Mapping[str, Any] | None
"""Names of options; a dictionary says more of a group: which names of it, or `True` for all of them."""


@dataclass_transform(field_specifiers=(field, group), kw_only_default=True)
def option_model(kind: type[M]) -> type[M]:
    """Make `kind` a dataclass as `option_group` does, whose values are given by name alone."""
    made = check_fields(dataclass(kind, kw_only=True, repr=False, eq=False))
    made.model_fields = MappingProxyType({spec.name: spec for spec in fields(made)})  # type: ignore[arg-type]  # it is a dataclass
    return public("options_models")(made)


class OptionModel(OptionGroup):
    """Options that belong together, each with a value, and with the methods that users of pydantic models know.

    Where a model of pydantic guesses, as from `"100"` or `True` to a number, this one refuses.

    Source: behaviour B370, B371, B410.
    """

    __slots__ = ()

    model_fields: ClassVar[Mapping[str, "Field[Any]"]]
    """The fields of the class, by name. Filled by `option_model`."""
    model_config: ClassVar[Mapping[str, Any]] = MappingProxyType({"validate_assignment": True, "extra": "forbid"})
    """What a model of pydantic would be told to behave like this."""

    _growing = frozenset()

    @property
    def model_fields_set(self) -> set[str]:
        """Names of the options that were given or set. What is set inside of a group is known to the group alone."""
        return set(self._given)

    @classmethod
    def model_validate(cls, obj: Any) -> Self:
        """Return options as they are, and a dictionary as options.

        Raises:
            IBMInputValueError: It is neither, or one of its values cannot be meant.
        """
        if isinstance(obj, cls):
            return obj
        wanted = f"a dictionary or {cls.__name__}"
        return cls(**value_or_raise(read_mapping("options", obj, wanted=wanted)))

    @classmethod
    def model_validate_json(cls, json_data: str | bytes) -> Self:
        """Return options that are written as JSON.

        Raises:
            IBMInputValueError: It is not JSON, or one of its values cannot be meant.
        """
        try:
            return cls.model_validate(msgspec.json.decode(json_data))
        except (msgspec.DecodeError, TypeError, UnicodeError):
            wanted = "the text of a dictionary in JSON"
            raise exception_of(BadArgument(name="json_data", value=show_value(json_data), wanted=wanted)) from None

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, with the values of `update` in the place of its own. `deep`: of all that is in it, too.

        Raises:
            IBMInputValueError: A name of `update` is unknown, or a value cannot be meant.
        """
        new = deepcopy(self) if deep else copy(self)
        values = value_or_raise(read_mapping("update", update or {}, wanted="a dictionary with names of options"))
        refuse_unknown(type(self), values)
        new._put(values)
        return new

    def model_dump(
        self,
        *,
        mode: Literal["python", "json"] = "python",
        include: Selected = None,
        exclude: Selected = None,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> dict[str, Any]:
        """Return the options as a dictionary of its own, and each group in it as one.

        Args:
            mode: `json` for lists in the place of tuples.
            include: Names of what is returned alone, or a dictionary from name to names in that group.
            exclude: Names of what is left out, in the same form.
            exclude_unset: Leave out what was neither given nor set.
            exclude_defaults: Leave out what is as it is in new options.
            exclude_none: Leave out what is `None`.

        Raises:
            IBMInputValueError: `mode` is another one, or a value is no JSON.
        """
        if mode not in ("python", "json"):
            raise exception_of(BadArgument(name="mode", value=show_value(mode), wanted="'python' or 'json'"))
        wanted = _Wanted(exclude_unset, exclude_defaults, exclude_none, mode == "json")
        return _dump(self, wanted, include, exclude)

    def model_dump_json(self, **how: Any) -> str:
        """Return the options as text in JSON. It takes the arguments of `model_dump`, but for `mode`."""
        return msgspec.json.encode(self.model_dump(mode="json", **how)).decode()

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(list(self._held()))

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return _alike(dict(self), dict(other))

    __hash__ = None  # type: ignore[assignment]  # its values may change

    def __str__(self) -> str:
        return hide_keys(" ".join(f"{name}={write_out(value)}" for name, value in self))

    def __dir__(self) -> Iterable[str]:
        return list(self._readers)


def _alike(one: Any, other: Any) -> bool:
    """Whether two values say the same: a list what a tuple says, so that JSON gives back what it was given."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return one is other or bool(one == other)


class _Wanted(NamedTuple):
    """What of the options is left out, and whether it must be JSON."""

    unset: bool
    defaults: bool
    none: bool
    json: bool


def _dump(options: OptionModel, leave_out: _Wanted, include: Selected, exclude: Selected) -> dict[str, Any]:
    dumped: dict[str, Any] = {}
    for name, value in options:
        only, but = _of(include, name, otherwise=include is None), _of(exclude, name, otherwise=False)
        if (
            only is False
            or but is True
            or (leave_out.unset and name not in options.model_fields_set)
            or (leave_out.none and value is None)
            or (leave_out.defaults and value == type(options)._defaults[name]())
        ):
            continue
        if isinstance(value, OptionModel):
            dumped[name] = _dump(value, leave_out, None if only is True else only, None if but is False else but)
        else:
            dumped[name] = _plain(f"{type(options).__name__}.{name}", value, leave_out.json)
    return dumped


def _of(selected: Selected, name: str, *, otherwise: bool) -> Any:
    """Return what is selected of an option: `True` for all, `False` for nothing, or names of what is in it."""
    if selected is None or name not in selected:
        return otherwise
    inner = selected[name] if isinstance(selected, Mapping) else True
    return True if inner is ... else inner


def _plain(name: str, value: Any, json: bool) -> Any:
    """Return lists and dictionaries as new ones. All else stays what it is, or is refused as no JSON."""
    if isinstance(value, dict):
        return {key: _plain(name, inner, json) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        inners = [_plain(name, inner, json) for inner in value]
        return inners if json or isinstance(value, list) else tuple(inners)
    if json and not isinstance(value, str | bool | int | float | None):
        wanted = "a number, a text, None, or lists and dictionaries of them: JSON has nothing else"
        raise exception_of(BadArgument(name=name, value=show_value(value), wanted=wanted))
    return value
