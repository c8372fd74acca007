"""The how-to about tests without an account is a module of tests: here it is run as one."""

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "test-without-an-account.md"


@pytest.mark.takes_long
def test_the_tests_in_the_how_to_pass(pytester: pytest.Pytester) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    pytester.makepyfile("\n\n".join(blocks))
    # A process of its own: what is loaded within this one would be loaded again by later tests, which NumPy refuses.
    outcome = pytester.runpytest_subprocess(
        "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-W", "error"
    )
    outcome.assert_outcomes(passed=4)
