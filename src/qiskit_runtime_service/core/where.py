"""The language of conditions: what a person writes after `--where`, as conditions. Nothing is ever evaluated."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from returns.result import Failure, Result, Success

from ..records.problem import BadArgument, Problem
from ..records.selection import Comparison, Condition
from .arguments import show_value

COMPARISONS: dict[str, Comparison] = {
    "==": "equals",
    "=": "equals",
    "!=": "differs",
    ">=": "at_least",
    "<=": "at_most",
    ">": "above",
    "<": "below",
    "in": "one_of",
    "contains": "contains",
    "lacks": "lacks",
}
ORDERINGS = frozenset({"at_least", "at_most", "above", "below"})
CONSTANTS = {"true": True, "false": False, "none": None}
RESERVED = frozenset({"and", "or", "not", "in", "contains", "lacks"})

TOKEN = re.compile(r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|(?P<sign>[=!<>]=|[=<>(),])|(?P<word>[^\s=!<>(),'"]+))""")
NAME = re.compile(r"[A-Za-z_]\w*")
WHOLE = re.compile(r"[+-]?\d{1,18}")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class Token(NamedTuple):
    """A piece of a text, what kind of piece it is, and where it begins."""

    kind: str
    text: str
    start: int


class Unclear(Exception):  # noqa: N818  # it never leaves this module
    """The text cannot be understood from `start` on."""

    def __init__(self, start: int, wanted: str) -> None:
        super().__init__(wanted)
        self.start = start
        self.wanted = wanted


def read_where(text: str) -> Result[tuple[Condition, ...], Problem]:
    """Read conditions that are joined by `and`, such as `num_qubits >= 127 and not simulator`.

    A condition is a name, `not` and a name, or a name, a comparison and a value. Comparisons are `==`, `!=`, `>=`,
    `<=`, `>`, `<`, `in (…, …)`, `contains` and `lacks`. Values are numbers, `true`, `false`, `none` and words, in
    quotes where they have spaces.

    Fails with:
        BadArgument: The text is none of this.

    Source: behaviour B241.
    """
    try:
        return Success(tuple(_Reader(text, _split(text)).conditions()))
    except Unclear as unclear:
        rest = text[unclear.start :].strip()
        place = f"where it says {show_value(rest)}" if rest else "at its end"
        return Failure(BadArgument(name="where", value=show_value(text), wanted=f"{unclear.wanted} {place}"))


def _split(text: str) -> list[Token]:
    """Cut a text into tokens."""
    tokens: list[Token] = []
    place = 0
    while text[place:].strip():
        found = TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise Unclear(place, "a word, a number or a comparison")
        kind = found.lastgroup
        tokens.append(Token(kind, found[kind], found.start(kind)))
        place = found.end()
    return tokens


class _Reader:
    """The tokens of a text, read one after the other."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._tokens = [*tokens, Token("end", "", len(text))]
        self._place = 0

    def conditions(self) -> list[Condition]:
        read = [self._condition()]
        while self._next("and"):
            read.append(self._condition())
        if self._here.kind != "end":
            self._fail("'and' or nothing")
        return read

    def _condition(self) -> Condition:
        if self._next("not"):
            return Condition(self._name(), "equals", False)
        name = self._name()
        comparison = COMPARISONS.get(self._here.text) if self._here.kind != "text" else None
        if comparison is None:
            return Condition(name, "equals", True)
        self._place += 1
        start = self._here
        wanted = self._values() if comparison == "one_of" else self._value()
        if comparison in ORDERINGS and (isinstance(wanted, bool) or not isinstance(wanted, int | float)):
            raise Unclear(start.start, "a number")
        return Condition(name, comparison, wanted)

    def _name(self) -> str:
        here = self._here
        if here.kind != "word" or here.text in RESERVED or not NAME.fullmatch(here.text):
            self._fail("the name of an attribute")
        self._place += 1
        return here.text

    def _values(self) -> tuple[Any, ...]:
        if not self._next("("):
            self._fail("values in parentheses")
        values = [self._value()]
        while self._next(","):
            values.append(self._value())
        if not self._next(")"):
            self._fail("',' or ')'")
        return tuple(values)

    def _value(self) -> Any:
        here = self._here
        if here.kind not in ("word", "text") or (here.kind == "word" and here.text in RESERVED):
            self._fail("a value")
        self._place += 1
        return here.text[1:-1] if here.kind == "text" else read_word(here.text)

    @property
    def _here(self) -> Token:
        return self._tokens[self._place]

    def _next(self, wanted: str) -> bool:
        """Pass over the next token if it is the one that is wanted."""
        found = self._here.kind not in ("text", "end") and self._here.text == wanted
        self._place += found
        return found

    def _fail(self, wanted: str) -> NoReturn:
        raise Unclear(self._here.start, wanted)


def read_word(word: str) -> Any:
    """Return what a word without quotes stands for: a number, a constant, or itself."""
    if WHOLE.fullmatch(word):
        return int(word)
    if NUMBER.fullmatch(word):
        return float(word)
    return CONSTANTS.get(word.lower(), word)
