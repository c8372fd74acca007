"""Ways through the options of directed execution that two clients are to go alike.

As a script it leads IBM's client, in the environment of that client: it reads how many ways and a seed from standard
input, and prints what each step of each way came to.
"""

import copy
import json
import pickle
import random
import sys
import warnings
from collections.abc import Iterator
from typing import Any

NAMES = ("SamplerOptions", "EstimatorOptions", "ExecutorOptions", "NoiseLearnerV3Options", "CalibratorOptions")
FLAGS = [True, False, "nonsense", None]
COUNTS = [1, 7, 4096, "auto", 1.5, [], "nonsense"]
LEAVES: dict[str, dict[str, list[Any]]] = {
    "twirling": {
        "enable_gates": FLAGS, "enable_measure": FLAGS, "num_randomizations": COUNTS, "shots_per_randomization": COUNTS,
        "group": ["pauli", "local_c1", "balanced_pauli", "local_pauli", "none"],
        "strategy": ["active", "active-accum", "active-circuit", "all", "active_accum"],
    },
    "dynamical_decoupling": {
        "enable": [True, False, None], "sequence_type": ["XX", "XpXm", "XY4", "xx"], "skip_reset_qubits": [True, False],
        "extra_slack_distribution": ["middle", "edges", 3], "scheduling_method": ["alap", "asap", ""],
    },
    "execution": {
        "init_qubits": [True, False, None], "rep_delay": [None, 0.0001, 1, "soon"], "scheduler_timing": [True, False],
        "stretch_values": [True, False], "meas_type": ["classified", "kerneled", "avg_kerneled", "raw"],
    },
    "environment": {
        "log_level": ["DEBUG", "INFO", "debug", 3], "job_tags": [["a"], [], ["a", "b"], None, "ab"], "private": [True],
        "image": [None, "a:b", "x/y-z:1.0", "nothing", 3],
    },
    "simulator": {
        "angle_decimals": [3, 5, "x"], "seed_simulator": [None, 0, 42, 1.5], "warn_absent": [True, False],
        "layer_noise_model": [None, [], 3, [3]],
    },
    "resilience": {
        "measure_mitigation": FLAGS, "zne_mitigation": FLAGS, "pec_mitigation": [True, False, None],
        "measure_noise_learning": [{"num_randomizations": 3}, {"num_randomizations": "auto"}, {"odd": 1}],
        "pec": [{"max_overhead": None}, {"noise_gain": 0.5}, {"max_overhead": -1}, {}],
        "zne": [{"noise_factors": [1, 3, 5]}, {"noise_factors": [0, 2]}, {"noise_factors": [1]}, {"amplifier": "pea"},
                {"extrapolator": "linear"}, {"extrapolator": ["linear", "exponential"]},
                {"extrapolated_noise_factors": [0.5]}],
    },
    "bit_flip_checks": {"pre_circuit": [{"enable": True}, {"strategy": "edge"}, {"x_pulse_type": "x"}],
                        "post_circuit": [{"x_pulse_type": "rx"}, {}]},
}  # fmt: skip
TOP: dict[str, list[Any]] = {
    "default_shots": [1, 100, None], "default_precision": [0.5, 0, -1, "x"], "resilience_level": [0, 1, 2, 3],
    "max_execution_time": [None, 7, "x"], "experimental": [{}, {"a": {"b": [1]}}, None], "nonsense": [1],
    "shots_per_randomization": [1, 64, 0], "num_randomizations": [3, 0], "layer_pair_depths": [[0, 1], [2], [-1], "x"],
}  # fmt: skip
DUMPS: list[dict[str, Any]] = [
    {}, {"exclude_defaults": True}, {"exclude_unset": True}, {"exclude_none": True}, {"mode": "json"},
    {"include": {"twirling": True, "execution": {"init_qubits"}}}, {"exclude": {"environment"}},
    {"exclude": {"twirling": {"group"}, "simulator": True}, "exclude_defaults": True},
]  # fmt: skip


def ways(count: int, seed: int) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Yield ways: the class of options, and steps with each what it is done with."""
    draw = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(count):
        yield draw.choice(NAMES), [_step(draw) for _ in range(draw.randint(2, 6))]


def _step(draw: random.Random) -> tuple[str, Any]:
    kind = draw.choice(("set", "set", "leaf", "leaf", "update", "new", "dump", "copy", "pickle"))
    group = draw.choice(list(LEAVES))
    leaf = draw.choice(list(LEAVES[group]))
    value = draw.choice(LEAVES[group][leaf])
    name = draw.choice(list(TOP))
    match kind:
        case "set":
            given: Any = (name, draw.choice(TOP[name])) if draw.random() < 0.6 else (group, {leaf: value})
        case "leaf":
            given = (group, leaf, value)
        case "update" | "new":
            given = {group: {leaf: value}}
        case "dump":
            given = draw.choice(DUMPS)
        case _:
            given = draw.random() < 0.5
    return kind, given


def go(models: Any, way: tuple[str, list[tuple[str, Any]]]) -> list[Any]:
    """Go a way, and return what each step came to, and the options at its end."""
    name, steps = way
    kind = getattr(models, name)
    options, told = kind(), []
    for step, given in steps:
        try:
            match step:
                case "set":
                    setattr(options, *given)
                case "leaf":
                    group, leaf, value = given
                    if hasattr(options, group):
                        setattr(getattr(options, group), leaf, value)
                case "update":
                    options.update(**given)
                case "new":
                    options = kind(**given)
                case "dump":
                    told.append(options.model_dump(**given))
                case "copy":
                    options = options.model_copy(deep=given)
                case "pickle":
                    options = pickle.loads(pickle.dumps(copy.deepcopy(options)))  # noqa: S301  # our own bytes
        except ValueError:
            told.append("refused")
        told.append([sorted(options.model_fields_set), options == kind(), repr(options)])
    told.append({field: sorted(value.model_fields_set) for field, value in options if hasattr(value, "model_dump")})
    return json.loads(
        json.dumps([*told, options.model_dump(), str(options), dict(options).keys() == vars(options).keys()])
    )


def main() -> None:
    """Lead IBM's client along all ways."""
    warnings.simplefilter("ignore")
    question = json.load(sys.stdin)
    from qiskit_ibm_runtime import options_models

    print(json.dumps([go(options_models, way) for way in ways(**question)]))


if __name__ == "__main__":
    main()
