"""IBM's existing client, in an environment of its own, as a black box to compare with."""

from functools import partial

import pytest

from .foreign import ask_client, python_of

PYTHON = python_of("existing")

needs_existing_client = pytest.mark.asks("existing")
ask_existing_client = partial(ask_client, "existing")
