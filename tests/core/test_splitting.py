"""Laws of splitting by size."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from qiskit_runtime_service.core.splitting import split_by_size


@pytest.mark.holds("B167")
@given(st.lists(st.integers(1, 20), max_size=40), st.integers(1, 60))
def test_parts_are_neighbours_within_the_limit_and_as_few_as_can_be(sizes: list[int], limit: int) -> None:
    result = split_by_size(sizes, limit)
    assert isinstance(result, Success) == all(size <= limit for size in sizes)
    if isinstance(result, Success):
        parts = [sizes[part] for part in result.unwrap()]
        assert [size for part in parts for size in part] == sizes
        assert all(part and sum(part) <= limit for part in parts)
        # A part is full: the first of the next did not fit any more.
        assert all(sum(part) + following[0] > limit for part, following in pairwise(parts))
    else:
        assert result.failure().name == "max_payload"  # type: ignore[union-attr]  # its only failure
