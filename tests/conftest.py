"""How hard the laws are tried: `ci` by default, `tenth` and `full` for the promises."""

from hypothesis import Phase, settings

settings.register_profile("ci", derandomize=True, deadline=None, database=None, max_examples=100)
settings.register_profile("fresh", settings.get_profile("ci"), derandomize=False)
settings.register_profile("tenth", settings.get_profile("fresh"), max_examples=500)
settings.register_profile("full", settings.get_profile("fresh"), max_examples=5_000)
# Who plants bugs wants to know that a law fails, not its smallest example.
settings.register_profile("mutants", settings.get_profile("ci"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("ci")
