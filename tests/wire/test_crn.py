"""Laws of Cloud Resource Names: ten segments, and nothing in them that a host or header cannot bear."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.records.instance import Crn
from qiskit_runtime_service.records.problem import MalformedCrn
from qiskit_runtime_service.wire.crn import looks_like_crn, read_crn
from tests.strategies import make_crn

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
segments = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), max_size=5)


@given(st.lists(segments, min_size=9, max_size=9), st.from_regex(LABEL, fullmatch=True).map(lambda label: label[:63]))
def test_a_good_crn_keeps_its_parts(rest: list[str], location: str) -> None:
    parts = ["crn", *rest[:4], location.rstrip("-"), *rest[5:]]
    text = ":".join(parts)
    assert read_crn(text) == Success(Crn(text=text, cname=parts[2], service=parts[4], location=parts[5]))
    assert looks_like_crn(text)


@given(st.text() | st.lists(st.text(max_size=3), min_size=10, max_size=10).map(":".join) | st.text().map(make_crn))
def test_every_text_is_read_or_refused_and_what_is_read_is_harmless(text: str) -> None:
    outcome = read_crn(text)
    if isinstance(outcome, Success):
        crn = outcome.unwrap()
        assert text.count(":") == 9
        assert LABEL.fullmatch(crn.location)
        assert len(crn.location) <= 63
        assert text.isascii()
        assert text.isprintable()
        assert " " not in text
    else:
        problem = outcome.failure()
        assert isinstance(problem, MalformedCrn)
        assert problem.crn == text


@pytest.mark.holds("B10")
@pytest.mark.parametrize(
    "location",
    [
        "", ".", "evil.example", "evil.example/", "evil.example#", "evil.example?", "a@evil.example", "us east", "-us",
        "us-", "US-EAST", "us_east", "us-east\n", "us\teast", "us\\east", "%65", "ü", "a" * 64, "us-east\r\nHost: evil",
        "us-east/../..", "\x00", "１", "us‐east",
    ],
)  # fmt: skip
def test_a_hostile_location_is_refused(location: str) -> None:
    assert isinstance(read_crn(make_crn(location)).failure(), MalformedCrn)


@pytest.mark.holds("B10")
@pytest.mark.parametrize("text", ["", "crn", "crn:", "crn:v1", make_crn() + ":", make_crn()[:-1], "x" + make_crn()])
def test_nine_or_eleven_segments_are_refused(text: str) -> None:
    assert isinstance(read_crn(text).failure(), MalformedCrn)


@pytest.mark.parametrize("bad", ["a\r\nX: y", "a b", "ü", "\x7f", "\x00"])
def test_what_cannot_be_a_header_is_refused(bad: str) -> None:
    assert isinstance(read_crn(f"crn:v1:b:p:q:us-east:{bad}:i::").failure(), MalformedCrn)


def test_a_crn_of_the_protocol_is_read() -> None:
    crn = read_crn(make_crn("eu-de", cname="staging")).unwrap()
    assert (crn.cname, crn.service, crn.location) == ("staging", "quantum-computing", "eu-de")


def test_a_name_does_not_look_like_a_crn() -> None:
    assert not looks_like_crn("my-instance")
    assert not looks_like_crn("CRN:v1")
