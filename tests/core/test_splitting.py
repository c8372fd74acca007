"""Laws of splitting by size."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.core.splitting import split_by_size

SIZES = st.lists(st.integers(1, 20), max_size=40)


class Writer:
    """Writes PUBs as so many bytes each, after as many that each body begins with, and counts how often."""

    def __init__(self, sizes: list[int], before: int) -> None:
        self.sizes, self.before, self.written = sizes, before, 0

    def __call__(self, part: slice) -> bytes:
        self.written += 1
        chosen = range(len(self.sizes))[part]
        assert chosen, "a body of nothing is never asked for"
        return b"#" * self.before + b"".join(bytes([index]) * self.sizes[index] for index in chosen)


@pytest.mark.holds("B167")
@pytest.mark.holds("B407")
@given(SIZES, st.integers(0, 9), st.integers(1, 60))
@example([], 0, 1)
@example([5], 1, 6)
@example([5], 1, 5)
@example([1] * 40, 0, 60)
def test_parts_are_neighbours_within_the_limit_and_as_few_as_can_be(sizes: list[int], before: int, limit: int) -> None:
    result = split_by_size(len(sizes), Writer(sizes, before), limit)
    assert isinstance(result, Success) == all(before + size <= limit for size in sizes)
    if isinstance(result, Success):
        parts = result.unwrap()
        bodies = [part.body for part in parts]
        assert [index for part in parts for index in range(len(sizes))[part.pubs]] == [*range(len(sizes))]
        assert all(part.body == Writer(sizes, before)(part.pubs) for part in parts)
        assert all(len(body) <= limit and body.startswith(b"#" * before) for body in bodies)
        assert b"".join(body[before:] for body in bodies) == Writer(sizes, 0)(slice(None)) if sizes else not bodies
        # A part is full: the first of the next did not fit any more.
        assert all(len(body) + sizes[following[before]] > limit for body, following in pairwise(bodies))
    else:
        assert result.failure().name == "max_payload"  # type: ignore[union-attr]  # its only failure


@pytest.mark.holds("B407")
def test_a_pub_that_is_too_large_is_named_with_the_bytes_of_its_job() -> None:
    failure = split_by_size(4, Writer([5, 5, 30, 5], 3), 32).failure()
    assert failure.value.startswith("too small for PUB 2, whose job alone has 33 bytes where 32 are allowed")  # type: ignore[union-attr]  # its only failure


@given(st.integers(1, 200), st.integers(1, 200))
def test_each_body_is_written_few_times(count: int, fitting: int) -> None:
    write = Writer([1] * count, 0)
    bodies = split_by_size(count, write, fitting).unwrap()
    assert len(bodies) == -(-count // fitting)
    # Of alike PUBs the length of a part is known after the first: each of the others takes two attempts.
    assert write.written <= 8 + 2 * len(bodies)
    assert write.written == 1 or fitting < count
