"""How hard the laws are tried: `ci` by default, `--hypothesis-profile=full` for the promises."""

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, database=None, max_examples=100)
settings.register_profile("full", deadline=None, database=None, max_examples=5_000)
settings.load_profile("ci")
