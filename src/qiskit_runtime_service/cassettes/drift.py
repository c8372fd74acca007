"""How a service that was recorded twice differs from itself: in what its responses are built of."""

from collections.abc import Iterable, Iterator

from ..records.cassette import Drift, EndpointShape, FieldShape

ACCEPTED = {
    "number": ("integer",),
    "text": ("empty text", "number as text", "UUID", "CRN", "instant", "instant without zone"),
}
"""Kinds that are no news where the kind before was there already: whole numbers are numbers."""


def find_drift(old: Iterable[EndpointShape], new: Iterable[EndpointShape]) -> tuple[Drift, ...]:
    """Return each way in which an endpoint changed, in the order of the endpoints.

    What only happens to differ between two runs is no drift: fewer kinds of value, a list that is
    empty by now, an optional field that is there.

    Source: behaviour B214.
    """
    before, after = ({shape.endpoint: shape for shape in shapes} for shapes in (old, new))
    return tuple(
        Drift(endpoint, change, _versions(before.get(endpoint)), _versions(after.get(endpoint)))
        for endpoint in sorted(before.keys() | after.keys())
        for change in _changes(before.get(endpoint), after.get(endpoint))
    )


def _versions(shape: EndpointShape | None) -> str:
    return ", ".join(shape.versions) if shape else ""


def _changes(old: EndpointShape | None, new: EndpointShape | None) -> Iterator[str]:
    if old is None or new is None:
        yield "is only on the new cassette" if old is None else "is only on the old cassette"
        return
    if new.statuses != old.statuses:
        yield f"answered {_listed(old.statuses)}, answers {_listed(new.statuses)}"
    if new.content_types != old.content_types:
        yield f"sent {_listed(old.content_types)}, sends {_listed(new.content_types)}"
    for header in sorted(set(new.headers) ^ set(old.headers)):
        yield f"the header {header} is {'new' if header in new.headers else 'gone'}"
    before, after = ({field.path: field for field in shape.fields} for shape in (old, new))
    for path in sorted(before.keys() | after.keys()):
        yield from _changes_of_field(path, before, after)


def _changes_of_field(path: str, old: dict[str, FieldShape], new: dict[str, FieldShape]) -> Iterator[str]:
    name = path or "the body"
    if path not in old:
        if _would_show(path, old):
            yield f"{name} is new: {_listed(new[path].kinds)}"
    elif path not in new:
        if _would_show(path, new):
            yield f"{name} is gone"
    else:
        if any(not _is_accepted(kind, old[path].kinds) for kind in new[path].kinds):
            yield f"{name} was {_listed(old[path].kinds)}, is {_listed(new[path].kinds)}"
        if _is_always_there(path, old) and not _is_always_there(path, new):
            yield f"{name} is not always there any more"


def _is_accepted(kind: str, before: tuple[str, ...]) -> bool:
    return kind in before or any(kind in ACCEPTED.get(known, ()) for known in before)


def _would_show(path: str, fields: dict[str, FieldShape]) -> bool:
    """Tell whether a cassette would show a field if the service had it: an object that could hold it is there."""
    parent = fields.get(_parent(path))
    return not path.endswith("[]") and parent is not None and "object" in parent.kinds


def _is_always_there(path: str, fields: dict[str, FieldShape]) -> bool:
    parent = fields.get(_parent(path))
    return path.endswith("[]") or parent is None or fields[path].seen >= parent.seen


def _parent(path: str) -> str:
    return path[:-2] if path.endswith("[]") else path.rpartition(".")[0]


def _listed(values: tuple[object, ...]) -> str:
    return " or ".join(map(str, values)) or "nothing"
