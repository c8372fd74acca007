"""How options are held: groups whose values are checked as they are set.

Those that the server reads are in `options`, those of directed execution in `option_models`.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import partial, reduce, wraps
from math import isfinite
from operator import or_
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    Self,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
from returns.pipeline import is_successful

from .._public import public
from .._shown import write_out
from ..client.raising import exception_of, raise_if, value_or_raise
from ..core.arguments import as_python, has_whole_characters, is_sendable, read_mapping, show_value
from ..core.keys import hide_keys
from ..core.options import find_unknown
from ..records.options import Unset, UnsetType
from ..records.problem import BadArgument, WrongType
from .display import PublicNames

T = TypeVar("T", bound="OptionGroup")
Read = Callable[[Any], Any]
"""Returns a value as it is held, or raises `UnfitError`."""

MOST_LEVELS = 100
"""Of lists and dictionaries in a value, one inside of the other."""


class UnfitError(Exception):
    """A value is not what it must be. The message is the end of the sentence "It must be …". It stays in here."""


class Group(Generic[T]):
    """The type of an option that is a group: read as what it is, set as that or as a dictionary.

    It is for type checkers alone. At run time the group itself is there.
    """

    if TYPE_CHECKING:

        def __get__(self, options: object, kind: object = None) -> T: ...
        def __set__(self, options: object, value: T | Mapping[str, Any]) -> None: ...


def group(*, default_factory: type[T]) -> Any:
    """Return the field of a group, in which nothing is set. Type checkers know the name of the argument."""
    return field(default_factory=default_factory)


@dataclass_transform(field_specifiers=(field, group))
def option_group(kind: type[T]) -> type[T]:
    """Make `kind` a dataclass that meets a name that it does not have with the nearest one that it has."""
    return public("options")(check_fields(dataclass(kind, repr=False)))


def check_fields(made: type[T]) -> type[T]:
    """Let a dataclass be filled through the readers of its fields."""
    signed: Callable[..., None] = made.__init__

    @wraps(signed)
    def fill(self: T, *args: Any, **given: Any) -> None:
        refuse_unknown(type(self), given)
        named = inspect.signature(signed).bind(self, *args, **given).arguments if args else given
        self._begin({name: named[name] for name in self._readers if name in named})

    type.__setattr__(made, "__init__", fill)
    made._readers = _readers(made)
    made._defaults = {spec.name: _default(spec) for spec in fields(made)}  # type: ignore[arg-type]  # it is a dataclass
    return made


def _default(spec: "Field[Any]") -> Callable[[], Any]:
    """Return what makes the value of an option that is not given."""
    return (lambda: spec.default) if spec.default_factory is MISSING else spec.default_factory


class OptionGroup(PublicNames):
    """Options that belong together. Each value is checked when it is set, and beside the others of its group.

    Deleting an option makes it unset again. What looks like a key is not shown.

    Source: behaviour B160, B161, B162, B410.
    """

    __slots__ = ("_given",)

    _readers: ClassVar[Mapping[str, Read]]
    """What reads each option. Filled by `option_group`."""
    _defaults: ClassVar[Mapping[str, Callable[[], Any]]]
    """What makes the value of each option where none is given. Filled by `option_group`."""
    _growing: ClassVar[frozenset[str]] = frozenset(("experimental",))
    """Dictionaries to which `update` adds."""
    _given: set[str]
    """What was set, by name. It is no option, so it stands beside them."""

    def update(self, **given: Any) -> None:
        """Set several options at once. A group given as a dictionary keeps what the dictionary does not name.

        Raises:
            IBMInputValueError: A name is unknown, or a value cannot be meant. Then nothing is changed.
        """
        self._take(self._with(given))

    def to_dict(self) -> dict[str, Any]:
        """Return what is set, by name. A group is a dictionary, and left out if nothing in it is set."""
        values = self._held()
        plain = {name: value.to_dict() or Unset if isinstance(value, OptionGroup) else value for name, value in values}
        return {name: value for name, value in plain.items() if value is not Unset}

    def find_conflict(self) -> BadArgument | None:
        """Return which values do not go together, here or in a group in here, if any."""
        groups = (value for _, value in self._held() if isinstance(value, OptionGroup))
        return next(filter(None, (inner.find_conflict() for inner in groups)), None)

    def _held(self) -> Iterator[tuple[str, Any]]:
        """Return each option with its value. What somebody else put beside them is none (B487)."""
        held = vars(self)
        return ((name, held[name]) for name in self._readers)

    def _begin(self, given: Mapping[str, Any]) -> None:
        """Fill a new group with what is given, and all else with what it is where nothing is given."""
        vars(self).update((name, given.get(name) if name in given else make()) for name, make in self._defaults.items())
        object.__setattr__(self, "_given", set())
        self._put(given)

    def _put(self, values: Mapping[str, Any]) -> None:
        """Set several values, all or none.

        Raises:
            IBMInputValueError: One of them cannot be meant, or it does not go with the others.
        """
        read = {name: self._read(name, value) for name, value in values.items()}
        held, before = vars(self), dict(vars(self))
        held.update(read)
        conflict = self.find_conflict()
        if conflict is not None:
            held.update(before)
            raise exception_of(conflict)
        self._given.update(read)

    def _read(self, name: str, value: Any) -> Any:
        try:
            return self._readers[name](value)
        except UnfitError as wanted:
            path = f"{type(self).__name__}.{name}"
            raise exception_of(BadArgument(name=path, value=show_value(value), wanted=str(wanted))) from None

    def _set(self, name: str, value: Any) -> None:
        refuse_unknown(type(self), (name,))
        self._put({name: value})

    if not TYPE_CHECKING:  # Type checkers would take any name for that of an option.
        __setattr__ = _set

    def __delattr__(self, name: str) -> None:
        refuse_unknown(type(self), (name,))
        self._put({name: self._defaults[name]()})
        self._given.discard(name)

    def _with(self, given: Mapping[str, Any]) -> Self:
        """Return new options: these, with `given` beside them."""
        refuse_unknown(type(self), given)
        new, held = copy(self), vars(self)
        new._put({name: self._beside(name, value) for name, value in given.items()})
        # A group that was only added to stays what it is.
        new._given.difference_update({name for name in given if isinstance(held[name], OptionGroup)} - self._given)
        return new

    def _beside(self, name: str, value: Any) -> Any:
        """Return a new value of an option, together with what is held and not named anew."""
        held = vars(self)[name]
        if isinstance(held, OptionGroup) and isinstance(value, OptionGroup):
            return held._with(value.to_dict())
        # Of a dictionary whose keys are no names, what reads the option says what it must be.
        if isinstance(held, OptionGroup) and is_successful(read_mapping(name, value)):
            return held._with(value)
        adds = name in self._growing and isinstance(held, dict) and isinstance(value, dict)
        return held | value if adds else value

    def _take(self, other: Self) -> None:
        """Take over the values of `other`. Groups stay the objects that they are."""
        for name, value in other._held():
            held = vars(self)[name]
            if isinstance(held, OptionGroup):
                held._take(value)
            else:
                vars(self)[name] = value
        object.__setattr__(self, "_given", other._given)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={write_out(value)}" for name, value in self._held())
        return hide_keys(f"{type(self).__qualname__}({values})")

    def __getstate__(self) -> tuple[dict[str, Any], set[str]]:
        return dict(vars(self)), set(self._given)

    def __setstate__(self, state: tuple[dict[str, Any], set[str]]) -> None:
        held, given = state
        vars(self).update(held)
        object.__setattr__(self, "_given", given)


def read_options(kind: type[T], given: T | Mapping[str, Any] | None) -> T:
    """Return new options of `kind` with the values that are given.

    Raises:
        IBMInputValueError: They are neither such options nor a dictionary, or one of them cannot be meant.
    """
    if given is not None and not isinstance(given, kind | Mapping):
        wanted = f"a dictionary or {kind.__name__}"
        raise exception_of(WrongType(name="options", value=show_value(given), wanted=wanted))
    new = kind()
    values = given.to_dict() if isinstance(given, OptionGroup) else given or {}
    new.update(**value_or_raise(read_mapping("options", values, wanted="a dictionary with names of options")))
    return new


def refuse_unknown(kind: type[OptionGroup], names: Iterable[str]) -> None:
    """Raise what names the nearest option if `kind` does not have one of `names`."""
    raise_if(find_unknown(kind.__name__, names, kind._readers))


# What a value must be


def _readers(kind: type[Any]) -> dict[str, Read]:
    """Return what reads each option of a group."""
    hints = get_type_hints(kind, include_extras=True)
    return {spec.name: spec.metadata.get("read") or _reader(hints[spec.name]) for spec in fields(kind)}


def _reader(hint: Any) -> Read:
    if get_origin(hint) is Group:
        return partial(_read_group, *get_args(hint))
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    read = partial(read_value, reduce(or_, (kind for kind in kinds if kind is not UnsetType)))
    return or_unset(read) if UnsetType in kinds else read


def or_unset(read: Read) -> Read:
    """Return what reads `Unset` too."""
    return lambda value: value if value is Unset else read(value)


def _read_group(kind: type[OptionGroup], value: Any) -> OptionGroup:
    if isinstance(value, kind):
        return value
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return kind(**value)
    # The other generation has groups of the same names.
    twin = type(value).__name__ == kind.__name__
    raise UnfitError(f"a dictionary or {kind.__module__ + '.' if twin else ''}{kind.__name__}")


def read_value(kind: Any, value: Any) -> Any:
    """Return a value as `kind`: values of NumPy as Python's, tuples as lists, whole numbers as floats and back.

    Raises:
        UnfitError: It is not one.
    """
    plain = as_python(value)
    if any(isinstance(number, float) and not isfinite(number) for number in _items_in(plain)):
        raise UnfitError(f"{_words(kind)}, and finite: JSON has no other numbers")
    if not all(has_whole_characters(text) for text in _items_in(plain) if isinstance(text, str)):
        raise UnfitError(f"{_words(kind)}, of whole characters")
    if not all(is_sendable(number) for number in _items_in(plain) if isinstance(number, int)):
        raise UnfitError(f"{_words(kind)}, of 64 bits at most")
    choices = (
        (plain, int(plain)) if isinstance(plain, float) and plain.is_integer() and is_sendable(int(plain)) else (plain,)
    )
    for choice in choices:
        try:
            return _own(msgspec.convert(choice, kind))
        except (msgspec.ValidationError, UnicodeError, AttributeError):
            # Half a character is no text for msgspec, and a range has no keys.
            continue
    raise UnfitError(_words(kind))


def _own(value: Any, levels: int = MOST_LEVELS) -> Any:
    """Return lists and dictionaries, at any depth, as new ones: whose they were changes nothing here any more.

    Raises:
        UnfitError: There are more levels than any option has, so that they may be without an end.
    """
    if not isinstance(value, dict | list):
        return value
    if not levels:
        raise UnfitError(f"of at most {MOST_LEVELS} levels, and not inside of itself")
    if isinstance(value, dict):
        return {key: _own(inner, levels - 1) for key, inner in value.items()}
    return [_own(inner, levels - 1) for inner in value]


def _items_in(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _words(kind: Any) -> str:
    """Say what is meant by a type."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(map(_words, inner))
    if origin is Literal:
        return " or ".join(map(repr, inner))
    if origin is list:
        return f"a list, each {_words(inner[0])}"
    if origin is Annotated:
        base, meta = inner
        bounds = (("above", meta.gt), ("of at least", meta.ge), ("and at most", meta.le))
        return _words(base) + "".join(f" {words} {bound}" for words, bound in bounds if bound is not None)
    return _NOUNS.get(origin or kind, "a text")


_NOUNS = {bool: "True or False", int: "a whole number", float: "a number", dict: "a dictionary", NoneType: "None"}
