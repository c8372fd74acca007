"""The places of IBM's client that are not here: modules with all below them, and names, each with the reason."""

import json
from collections.abc import Iterator
from pathlib import Path

PLACES: dict[str, list[str] | None] = json.loads((Path(__file__).parents[1] / "data" / "places.json").read_bytes())
"""By module of IBM's client: the names that it offers; `None` where only another library would tell."""

STEPS = "a step from what users give to what is sent, or back; `prepare` of the primitives shows the whole"
MAKING = "a class of options is made with it; `update` merges options"
FORMS = "a form of what is sent or received; the library writes and reads all of them by itself"

MODULES = {
    ".accounts.storage": "a file of accounts is read and written by `AccountManager`",
    ".accounts.utils": "URLs follow from that of the account, and `service.instances()` has the CRNs",
    ".api": "how IBM's client talks HTTP; a service takes a `transport=` of your own",
    ".calibrator.converters": FORMS,
    ".calibrator.params_converters": FORMS,
    ".decoders.calibrator": FORMS,
    ".decoders.defaults": FORMS,
    ".decoders.executor": FORMS,
    ".decoders.executor_estimator": FORMS,
    ".decoders.executor_noise_learner": FORMS,
    ".decoders.executor_sampler": FORMS,
    ".decoders.noise_learner": FORMS,
    ".decoders.noise_learner_v3": FORMS,
    ".decoders.runner": "the service has no `circuit-runner` and no `qasm3-runner` any more",
    ".executor.calculate_twirling_shots": STEPS,
    ".executor.dynamical_decoupling": STEPS,
    ".executor_estimator.finalize_options": STEPS,
    ".executor_estimator.pec": STEPS,
    ".executor_estimator.prepare": STEPS,
    ".executor_estimator.trex": STEPS,
    ".executor_estimator.utils": STEPS,
    ".executor_noise_learner.prepare": STEPS,
    ".executor_sampler.finalize_options": STEPS,
    ".executor_sampler.prepare": STEPS,
    ".executor_sampler.utils": STEPS,
    ".fake_provider.backend_encoder": "`RuntimeEncoder` writes what it writes",
    ".fake_provider.executor": STEPS,
    ".ibm_qubit_properties": "qubits of a target are `QubitProperties` of Qiskit, there too",
    ".noise_learner_v3.converters": FORMS,
    ".noise_learner_v3.find_learning_protocol": STEPS,
    ".noise_learner_v3.learning_protocol": STEPS,
    ".noise_learner_v3.params_converters": FORMS,
    ".noise_learner_v3.validation": STEPS,
    ".options_models.converters": STEPS,
    ".quantum_program.converters": FORMS,
    ".quantum_program.params_converters": FORMS,
    ".results.runner": "the service has no `circuit-runner` and no `qasm3-runner` any more",
    ".utils.default_session": "an open session is known per thread and task, not per process",
    ".version": "`qiskit_runtime_service.__version__` has it",
    ".visualization.circuit_schedule": "`draw_circuit_schedule_timing` takes the text itself",
    ".visualization.draw_chunk_timings": "a function of `visualization` has that name",
    ".visualization.draw_execution_spans": "a function of `visualization` has that name",
    ".visualization.utils": "a part of its figures",
}
"""By module: why neither it nor what is below it is here."""

NAMES = {
    ".base_primitive": {"get_mode_service_backend": "`mode` and `backend()` of a primitive say it"},
    ".debug_tools.neat_results": {"ScalarLike": "a type of its annotations"},
    ".models.exceptions": {"BackendConfigurationError": "nothing raises it"},
    ".options.simulator_options": {"NoiseModel": "it is Aer's"},
    ".options.utils": {
        **dict.fromkeys(("Dict", "make_constraint_validator", "skip_unset_validation"), MAKING),
        **dict.fromkeys(("merge_options_v2", "remove_dict_unset_values", "remove_empty_dict"), MAKING),
    },
    ".options_models.environment": {"warn_max_execution_time": MAKING},
    ".options_models.simulator": {"validate_layer_noise_model": MAKING},
    ".options_models.zne": {"at_least_two_noise_factors": MAKING},
    ".results.noise_learner_v3": dict.fromkeys(("Metadata", "MetadataLeafTypes"), "a type of its annotations"),
    ".session": {"AdvancedSession": "it says of itself that nobody should use it"},
    ".transpiler.passes.scheduling.scheduler": {"BaseDynamicCircuitAnalysis": "what both analyses have in common"},
    ".transpiler.passes.scheduling.utils": {"BlockOrderingCallableType": "a type of its annotations"},
    ".utils.backend_decoder": dict.fromkeys(
        ("decode_backend_configuration", "filter_raw_configuration"),
        "it changes a dictionary in place; `configuration_from_server_data` takes it as it is",
    ),
    ".utils.converters": {"hms_to_seconds": "a `Session` takes such a text as its `max_time`"},
    ".utils.utils": {
        **dict.fromkeys(("get_qpy_version", "get_ssv_version"), "`RuntimeEncoder` knows what the service reads"),
        "validate_no_boxes": "boxes are taken",
    },
}
"""By module that is here: the names that are not, and why."""


def why_not(module: str) -> str | None:
    """Return why a module of IBM's client is not here; `None` where it is."""
    return next((why for left_out, why in MODULES.items() if f"{module}.".startswith(f"{left_out}.")), None)


def places_here() -> Iterator[tuple[str, list[str]]]:
    """Yield each module of IBM's client that is here, with the names that it has here too."""
    for module, names in PLACES.items():
        if why_not(module) is None:
            yield module, [name for name in names or () if name not in NAMES.get(module, {})]
