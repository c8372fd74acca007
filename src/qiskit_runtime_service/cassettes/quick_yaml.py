"""YAML read from the events of its parser, for tapes of many exchanges.

A loader makes a node of each value before the value, and takes five times as long. What tapes have is read
here; for anything else there is the loader of vcrpy, which knows best.
"""

from base64 import b64decode
from typing import Any

import yaml
from vcr.serializers import yamlserializer

_BINARY = "tag:yaml.org,2002:binary"
_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}


class UnusualError(Exception):
    """The text has something that only a loader understands."""


def deserialize(text: str) -> Any:
    """Return the data of a YAML document, as vcrpy's own serializer does. Raises the errors of that."""
    if not yaml.__with_libyaml__:
        return yamlserializer.deserialize(text)
    try:
        return read_events(text)
    except UnusualError:
        return yamlserializer.deserialize(text)


def read_events(text: str) -> Any:
    """Return the data of a YAML document. Raises an `UnusualError` for what only a loader understands."""
    from yaml.cyaml import CParser

    return _Reader(CParser(text)).document()


class _Reader:
    """One pass over the events of one document."""

    def __init__(self, parser: Any) -> None:
        self._next = parser.get_event
        self._anchors: dict[str, Any] = {}

    def document(self) -> Any:
        """Return the one document that there is."""
        self._next()
        if not isinstance(self._next(), yaml.DocumentStartEvent):
            return None
        value = self.value(self._next())
        self._next()
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise UnusualError
        return value

    def value(self, event: Any) -> Any:
        """Return the value that begins with `event`."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = _scalar(event)
        elif kind is yaml.MappingStartEvent:
            value = self.mapping(event)
        elif kind is yaml.SequenceStartEvent:
            value = self.sequence(event)
        else:
            return self._anchors[event.anchor]
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def mapping(self, start: Any) -> dict[Any, Any]:
        """Return an object, up to its end."""
        if start.tag is not None:
            raise UnusualError
        following, found = self._next, {}
        while type(event := following()) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent or event.value == "<<":
                raise UnusualError
            found[_scalar(event)] = self.value(following())
        return found

    def sequence(self, start: Any) -> list[Any]:
        """Return a list, up to its end."""
        if start.tag is not None:
            raise UnusualError
        following, found = self._next, []
        while type(event := following()) is not yaml.SequenceEndEvent:
            found.append(self.value(event))
        return found


def _scalar(event: Any) -> Any:
    """Return a text, a number, a truth value, null or bytes."""
    text = event.value
    if event.tag is not None:
        if event.tag != _BINARY:
            raise UnusualError
        return b64decode(text)
    if not event.implicit[0]:
        return text
    for tag, form in yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], ()):
        if form.match(text):
            if text in _WORDS:
                return _WORDS[text]
            if tag.endswith(":int") and text.isdecimal() and (text[0] != "0" or text == "0"):
                return int(text)
            raise UnusualError
    return text
