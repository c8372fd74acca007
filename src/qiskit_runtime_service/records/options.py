"""Nouns of options: what is not set, the words that the service knows, and what each extrapolator needs."""

from typing import Annotated, Final, Literal

from msgspec import Meta


class UnsetType:
    """The type of `Unset`. It is false, and there is one value of it, whatever is copied or pickled."""

    _only: "UnsetType | None" = None

    def __new__(cls) -> "UnsetType":
        """Return the one value."""
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "Unset"

    def __reduce__(self) -> str:
        return "Unset"

    def __copy__(self) -> "UnsetType":
        return self

    def __deepcopy__(self, memo: object) -> "UnsetType":
        return self


Unset: Final = UnsetType()
"""The value of an option that is not set: it is not sent, and the service takes its own default (B47)."""

NaturalNumber = Annotated[int, Meta(ge=0)]
PositiveInt = Annotated[int, Meta(ge=1)]
PositiveFloat = Annotated[float, Meta(gt=0)]
Auto = Literal["auto"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
DecouplingSequence = Literal["XX", "XpXm", "XY4"]
SlackDistribution = Literal["middle", "edges"]
Scheduling = Literal["alap", "asap"]
TwirlingStrategy = Literal["active", "active-accum", "active-circuit", "all"]
TwirlingGroup = Literal["pauli", "balanced_pauli", "local_c1", "local_pauli"]
MeasType = Literal["classified", "kerneled", "avg_kerneled"]
Amplifier = Literal["gate_folding", "gate_folding_front", "gate_folding_back", "pea"]
Extrapolator = Literal[
    "linear",
    "exponential",
    "double_exponential",
    "polynomial_degree_1",
    "polynomial_degree_2",
    "polynomial_degree_3",
    "polynomial_degree_4",
    "polynomial_degree_5",
    "polynomial_degree_6",
    "polynomial_degree_7",
    "fallback",
]

FACTORS_NEEDED: Final = {
    "linear": 2,
    "exponential": 2,
    "double_exponential": 4,
    **{f"polynomial_degree_{degree}": degree + 1 for degree in range(1, 8)},
    "fallback": 2,
}
"""How many noise factors each extrapolator needs."""

DEFAULT_NOISE_FACTORS: Final = (1.0, 3.0, 5.0)
"""What the service takes where no noise factors are set."""

DEFAULT_SHOTS: Final = 4096
"""What the service takes where nothing says how many, for an estimator by its default precision."""

DEFAULT_OVERHEAD: Final = 100.0
"""By how much the shots of PEC may grow where nothing is said."""

DEFAULT_LAYERS: Final = 4
"""Of how many layers the noise is learned where nothing is said."""

DEFAULT_EXTRAPOLATORS: Final = ("exponential", "linear")
"""What the service takes where no extrapolator is set."""
