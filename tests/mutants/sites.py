"""The bugs that can be planted in a source: each is one small edit that still compiles."""

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitXor: ast.BitAnd,
}  # fmt: skip
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}
UNDONE = {"lower", "upper", "casefold", "strip", "rstrip", "lstrip", "removeprefix", "removesuffix", "title"}
UNTOUCHED = {"TYPE_CHECKING", "overload", "assert_never", "isinstance", "cast", "TypeVar"}
"""What only a type checker reads, or what a strict one would see at once."""


class Mutant(NamedTuple):
    """One bug that can be planted."""

    kind: str
    line: int
    """Of the edit, from 1."""
    lines: tuple[int, int]
    """First and last of the statement, without its body: who runs one of them runs the bug."""
    place: str
    """The function and class around it, dotted; empty at the top of a module."""
    change: str
    """What was and what is, as `a < b => a <= b`; with the place it names the bug wherever its line moves."""
    span: tuple[int, int]
    """The bytes of the source that are replaced."""
    new: str


def find_mutants(source: str) -> list[Mutant]:
    """Return every bug that can be planted in a module, in the order of its lines."""
    starts = [0]
    for row in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(row))
    found = walk(ast.parse(source), starts, (), None)
    return sorted(found, key=lambda mutant: (mutant.line, mutant.kind, mutant.change))


def plant(source: str, mutant: Mutant) -> str | None:
    """Return the source with the bug in it, or `None` if that is no Python."""
    text, (start, end) = source.encode(), mutant.span
    planted = (text[:start] + mutant.new.encode() + text[end:]).decode()
    try:
        compile(planted, "<mutant>", "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return planted


def walk(node: ast.AST, starts: list[int], place: tuple[str, ...], statement: ast.stmt | None) -> Iterator[Mutant]:
    """Yield the mutants of a node and of all below it; `starts` has the first byte of each line."""
    if is_untouched(node):
        return
    if isinstance(node, ast.stmt):
        statement = node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        place = (*place, node.name)
    if statement is not None:
        for edit in edits(node):
            piece = edit.piece
            span = (
                starts[piece.lineno - 1] + piece.col_offset,
                starts[(piece.end_lineno or piece.lineno) - 1] + (piece.end_col_offset or 0),
            )
            change = edit.change or f"{in_one_line(piece)} => {edit.new}"
            yield Mutant(edit.kind, piece.lineno, extent_of(statement), ".".join(place), change, span, edit.new)
    for child in children(node):
        yield from walk(child, starts, place, statement)


def extent_of(statement: ast.stmt) -> tuple[int, int]:
    """Return first and last line of a statement, of one with a body that of its head."""
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
        return statement.lineno, max(statement.lineno, body[0].lineno - 1)
    return statement.lineno, statement.end_lineno or statement.lineno


def is_untouched(node: ast.AST) -> bool:
    """Tell whether nothing is planted in a node: names for type checkers, docstrings, text for people."""
    match node:
        case ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=value):
            return isinstance(value, ast.Constant) or is_untouched(value)
        case ast.Name(id=name) | ast.If(test=ast.Name(id=name)) | ast.Call(func=ast.Name(id=name)):
            return name in UNTOUCHED
        case ast.FunctionDef(decorator_list=decorators):
            return any(isinstance(mark, ast.Name) and mark.id in UNTOUCHED for mark in decorators)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name.startswith("__") or is_type(value)
        case ast.match_case(body=[ast.Expr(value=ast.Call(func=ast.Name(id="assert_never")))]):
            return True
    return False


def is_type(value: ast.expr) -> bool:
    """Tell whether a value is a union of types: `A | B`."""
    match value:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return is_type(left) or is_type(right)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name[:1].isupper() and not name.isupper()
        case ast.Subscript(value=inner):
            return is_type(inner)
    return False


def children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is below a node, without annotations and decorators."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


class Edit(NamedTuple):
    """What becomes of one piece of a source."""

    kind: str
    piece: ast.expr | ast.stmt | ast.pattern
    new: str
    change: str = ""
    """In fewer words than the whole of was and is."""


def in_one_line(node: ast.AST) -> str:
    """Return the text of a node without its line breaks."""
    return " ".join(ast.unparse(node).split())


def edits(node: ast.AST) -> Iterator[Edit]:
    """Yield kind, piece and new text of each bug that a single node offers."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            yield Edit("comparison", node, changed(node, ops=[COMPARISONS[type(operator)]()]))
        case ast.BoolOp(op=operator):
            yield Edit("logic", node, changed(node, op=ast.Or() if isinstance(operator, ast.And) else ast.And()))
        case ast.UnaryOp(op=ast.Not(), operand=inner) if not is_untouched(inner):
            yield Edit("negation", node, f"({ast.unparse(inner)})")
        case ast.UnaryOp(op=ast.USub(), operand=inner) if not isinstance(inner, ast.Constant):
            yield Edit("arithmetic", node, f"({ast.unparse(inner)})")
        case ast.BinOp(op=operator) if type(operator) in ARITHMETIC:
            yield Edit("arithmetic", node, changed(node, op=ARITHMETIC[type(operator)]()))
        case ast.Constant(value=value):
            yield from (Edit("constant", node, new) for new in other_constants(value))
        case ast.Call():
            yield from edits_of_call(node)
        case ast.AugAssign(op=operator) if type(operator) in ARITHMETIC:
            yield Edit("arithmetic", node, changed(node, op=ARITHMETIC[type(operator)]()))
        case ast.Expr(value=ast.Call() | ast.YieldFrom() | ast.Yield()) | ast.Raise() | ast.Delete():
            yield Edit("statement", node, "pass")
        case ast.Break():
            yield Edit("statement", node, "continue")
        case ast.Continue():
            yield Edit("statement", node, "break")
        case ast.match_case(pattern=pattern, guard=None) if not is_wildcard(pattern):
            yield Edit("case", pattern, f"{ast.unparse(pattern)} if False")
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.match_case(guard=ast.expr() as test):
            yield from negated(test)
        case ast.comprehension(ifs=tests):
            for test in tests:
                yield from negated(test)


def negated(test: ast.expr) -> Iterator[Edit]:
    """Yield the opposite of a condition; of a comparison or a negation it is there already."""
    if not isinstance(test, ast.Compare | ast.UnaryOp):
        yield Edit("condition", test, f"(not ({ast.unparse(test)}))")


def edits_of_call(node: ast.Call) -> Iterator[Edit]:
    """Yield the bugs of a call: an argument dropped, two swapped, the opposite function, a method not called."""
    name = in_one_line(node.func)
    for number, argument in enumerate(node.keywords):
        if argument.arg is not None:
            rest = node.keywords[:number] + node.keywords[number + 1 :]
            change = f"{name}(…, {in_one_line(argument)}) => {name}(…)"
            yield Edit("argument", node, changed(node, keywords=rest), change)
    starred = any(isinstance(argument, ast.Starred) for argument in node.args[:2])
    if len(node.args) > 1 and not starred and name not in {"min", "max"}:  # whose arguments have no order
        first, second, *others = node.args
        one, two = in_one_line(first), in_one_line(second)
        change = f"{name}({one}, {two}, …) => {name}({two}, {one}, …)"
        yield Edit("argument", node, changed(node, args=[second, first, *others]), change)
    match node.func:
        case ast.Name(id=called) if called in OPPOSITES:
            yield Edit("function", node.func, OPPOSITES[called])
        case ast.Attribute(value=inner, attr=called) if called in UNDONE:
            yield Edit("function", node, f"({ast.unparse(inner)})")


def is_wildcard(pattern: ast.pattern) -> bool:
    """Tell whether a pattern takes everything: nothing is left to come after it."""
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def other_constants(value: object) -> Iterator[str]:
    """Yield what a constant may be changed to; words that people read are left alone."""
    match value:
        case bool():
            yield repr(not value)
        case int():
            yield repr(value + 1)
        case float():
            yield repr(value * 2 if value else 1.0)
        case str() if value and len(value) <= 40 and value.isascii() and " " not in value:
            yield repr(value + "_")


def changed(node: ast.expr | ast.stmt, **fields: object) -> str:
    """Return the text of a node with other fields."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return ast.unparse(other) if isinstance(node, ast.stmt) else f"({ast.unparse(other)})"
