"""What an estimator prepares for each technique, how its results are read, and read again with other options."""

from copy import deepcopy
from math import exp, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import PauliLindbladMap, SparsePauliOp
from returns.result import Failure

from qiskit_runtime_service.core.mitigation import choose_shots, finalize
from qiskit_runtime_service.exceptions import IBMInputValueError
from qiskit_runtime_service.options_models import EstimatorOptions
from qiskit_runtime_service.programs.estimator import post_process, prepare
from qiskit_runtime_service.programs.estimator_tasks import find_flaw, find_layers, noise_by_layer
from qiskit_runtime_service.programs.quantum_program import QuantumProgram
from qiskit_runtime_service.programs.reading import decode_program_result
from qiskit_runtime_service.programs.results import QuantumProgramResult
from qiskit_runtime_service.programs.roles import post_process as by_role
from qiskit_runtime_service.programs.roles import read_result
from qiskit_runtime_service.records.problem import BadArgument
from qiskit_runtime_service.simulator.program_items import run_program

from ..compat.directed_estimators import bell
from .samples import params_of, result_of

FEW = {"num_randomizations": 4, "shots_per_randomization": 64}


def turned() -> QuantumCircuit:
    circuit = bell()
    circuit.rz(Parameter("b"), 0)
    circuit.sx(0)
    circuit.rz(Parameter("a"), 1)
    circuit.cz(0, 1)
    return circuit


def one() -> list[EstimatorPub]:
    return [EstimatorPub.coerce((bell(), ["IIIZZ", "IIIXX"]))]


def two() -> list[EstimatorPub]:
    values = np.arange(6).reshape(3, 2) / 5
    return [*one(), EstimatorPub.coerce((turned(), [["IIIZZ"], ["IIIXX"]], values))]


def made(pubs: list[EstimatorPub], **options: Any) -> Any:
    plain = finalize(EstimatorOptions(**options).model_dump()).options
    chosen = choose_shots([None], plain)
    assert isinstance(chosen, tuple)
    return prepare(pubs, plain, chosen[0], None)


def program_of(pubs: list[EstimatorPub], **options: Any) -> QuantumProgram:
    program: QuantumProgram = made(pubs, **options).unwrap()
    return program


def layers(pubs: list[EstimatorPub], **options: Any) -> list[Any]:
    plain = finalize(EstimatorOptions(**options).model_dump()).options
    return find_layers([pub.circuit for pub in pubs], plain, "gates", tagged=True)


def learned(pubs: list[EstimatorPub], rate: float = 0.01, **options: Any) -> list[Any]:
    terms = [("XX", [0, 1], 2 * rate), ("Z", [0], rate), ("Y", [1], rate)]
    found = layers(pubs, **(options or {"resilience": {"pec_mitigation": True}}))
    return [(layer, PauliLindbladMap.from_sparse_list(terms, len(layer.qubits))) for layer in found]


def shapes(program: QuantumProgram) -> list[tuple[int, ...]]:
    return [item.shape for item in program.items]


# What is run


@pytest.mark.holds("B388")
@pytest.mark.parametrize(
    ("options", "shots", "expected"),
    [
        ({"resilience_level": 0}, 4096, [(1, 2), (1, 6)]),
        ({}, 128, [(32, 2), (32, 6), (32,)]),
        ({"default_precision": 0.1}, 64, [(2, 2), (2, 6), (2,)]),
        ({"resilience_level": 2}, 128, [(32, 2)] * 3 + [(32, 6)] * 3 + [(32,)]),
        ({"resilience": {"measure_noise_learning": {"num_randomizations": 11}}}, 128, [(32, 2), (32, 6), (11,)]),
        ({"twirling": FEW, "resilience": {"measure_mitigation": False}}, 64, [(4, 2), (4, 6)]),
    ],
)
def test_the_items_of_pubs_come_in_their_order_and_the_calibration_last(
    options: dict[str, Any], shots: int, expected: list[Any]
) -> None:
    program = program_of(two(), **options)
    assert (program.shots, shapes(program)) == (shots, expected)
    assert program.semantic_role == "estimator_v2"
    kinds = [entry["mitigation"] for entry in program.passthrough_data["qiskit_mitigation"]]
    assert kinds[-1:] == (["trex"] if len(expected[-1]) == 1 else kinds[-1:])
    assert all([register.name for register in item.circuit.cregs] == ["_meas"] for item in program.items)
    assert program.items[-1].circuit.num_clbits == 5


@pytest.mark.holds("B388")
def test_amplified_noise_is_one_item_and_cancelled_noise_takes_more_randomizations() -> None:
    pubs = two()
    noise = learned(pubs)
    amplified = program_of(
        pubs, resilience={"zne_mitigation": True, "zne": {"amplifier": "pea"}, "layer_noise_model": noise}
    )
    assert shapes(amplified) == [(3, 32, 2), (3, 32, 6), (32,)]
    scales = amplified.items[0].samplex_arguments["noise_scales.rff0A"]
    assert (scales.shape, scales.ravel().tolist()) == ((3, 1, 1), [0.0, 2.0, 4.0])
    cancelled = program_of(pubs, resilience={"pec_mitigation": True, "layer_noise_model": noise})
    # γ² is exp(4 Σ rates) for each layer: one in the first circuit, two in the second.
    assert cancelled.shots == 64
    assert shapes(cancelled) == [(int(np.ceil(64 * exp(0.16))), 2), (int(np.ceil(64 * exp(0.32))), 6), (64,)]
    assert cancelled.passthrough_data["qiskit_mitigation"][0]["pec_gamma"] == pytest.approx(exp(0.08))


@pytest.mark.holds("B388")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("estimator_level1", {"twirling": {"num_randomizations": 3, "shots_per_randomization": 8}}),
        (
            "estimator_level2",
            {"twirling": {"num_randomizations": 3, "shots_per_randomization": 8}, "resilience_level": 2},
        ),
    ],
)
def test_what_travels_with_a_program_is_what_the_existing_client_sends(name: str, options: dict[str, Any]) -> None:
    circuit = bell()
    circuit.metadata = {}
    program = program_of([EstimatorPub.coerce((circuit, ["IIIZZ", "IIIXX"]))], **options)
    sent = params_of(name)["quantum_program"]["passthrough_data"]
    arrays = ("noise_factors", "extrapolated_noise_factors")
    ours: Any = deepcopy(program.passthrough_data)
    for tree in (ours, sent):
        tree["qiskit_mitigation"] = [
            {key: value for key, value in entry.items() if key not in arrays} for entry in tree["qiskit_mitigation"]
        ]
    as_lists = [
        [[list(index), basis] for index, basis in entry.get("param_basis_pairs", ())]
        for entry in ours["qiskit_mitigation"]
    ]
    assert as_lists == [entry.get("param_basis_pairs", []) for entry in sent["qiskit_mitigation"]]
    for entries in (ours["qiskit_mitigation"], sent["qiskit_mitigation"]):
        for entry in entries:
            entry.pop("param_basis_pairs", None)
            entry["param_shape"] = list(entry.get("param_shape", ()))
    ours["post_processor"]["options"]["resilience"]["zne"]["extrapolator"] = list(
        ours["post_processor"]["options"]["resilience"]["zne"]["extrapolator"]
    )
    assert ours == sent


@pytest.mark.holds("B388")
def test_models_of_noise_do_not_travel() -> None:
    pubs = one()
    noise = learned(pubs)
    program = program_of(pubs, simulator={"layer_noise_model": noise}, resilience={"layer_noise_model": noise})
    told = program.passthrough_data["post_processor"]["options"]
    assert told["simulator"]["layer_noise_model"] is None
    assert "layer_noise_model" not in told["resilience"]


@given(
    shots=st.integers(1, 5000),
    randomizations=st.one_of(st.just("auto"), st.integers(1, 40)),
    each=st.one_of(st.just("auto"), st.integers(1, 200)),
    level=st.sampled_from([0, 1]),
)
@settings(max_examples=15)
def test_shots_are_never_fewer_than_asked_unless_both_numbers_say_so(
    shots: int, randomizations: Any, each: Any, level: int
) -> None:
    twirling = {"num_randomizations": randomizations, "shots_per_randomization": each}
    program = program_of(one(), default_shots=shots, twirling=twirling, resilience_level=level)
    taken = program.items[0].shape[0] * program.shots
    both = randomizations != "auto" and each != "auto"
    assert taken == (shots if level == 0 else randomizations * each if both else taken)
    assert both or taken >= shots


# Layers


@pytest.mark.holds("B388")
def test_what_cannot_be_twirled_is_told_with_a_way_out_that_helps() -> None:
    circuit = QuantumCircuit(2)
    circuit.cp(0.3, 0, 1)
    problem = made([EstimatorPub.coerce((circuit, "ZZ"))], resilience_level=2).failure()
    assert problem.fix.startswith("Transpile it to gates that can be twirled")
    none = made([EstimatorPub.coerce((QuantumCircuit(), ""))], resilience_level=1).failure()
    assert none.reason == "it has no qubits"


@pytest.mark.holds("B384")
def test_layers_that_were_found_without_a_use_for_their_noise_are_known_all_the_same() -> None:
    pubs = two()
    with_names = layers(pubs, resilience={"pec_mitigation": True})
    without = layers(pubs, twirling={"enable_gates": True})
    assert len(with_names) == len(without) == 1
    noise = PauliLindbladMap.from_list([("XX", 0.1)])
    assert list(noise_by_layer([(layer, noise) for layer in with_names])) == ["rff0A"]
    assert list(noise_by_layer([(layer, noise) for layer in without])) == ["rff0A"]
    program = program_of(
        pubs, resilience={"pec_mitigation": True, "layer_noise_model": learned(pubs, twirling={"enable_gates": True})}
    )
    assert program.items[0].shape[0] > 64


@pytest.mark.holds("B384", "B388")
def test_a_layer_without_noise_or_with_that_of_another_width_is_named() -> None:
    pubs = two()
    circuit = bell()
    circuit.cz(2, 3)
    pubs.append(EstimatorPub.coerce((circuit, "IIIZZ")))
    known = learned(two())
    match made(pubs, resilience={"pec_mitigation": True, "layer_noise_model": known}):
        case Failure(problem):
            assert problem.name == "resilience.layer_noise_model"
            assert "the one on qubits [0, 1, 2, 3] of pubs[2]" in problem.wanted
            assert "estimator.find_unique_layers(pubs)" in problem.wanted
        case _:
            pytest.fail("It was prepared.")


@pytest.mark.holds("B388")
@pytest.mark.parametrize(
    ("pec", "fits"),
    [
        ({"noise_gain": 0, "max_overhead": 1.2}, True),
        ({"noise_gain": 0, "max_overhead": 1.1}, False),
        ({"noise_gain": "auto", "max_overhead": 1.1}, True),
        ({"noise_gain": 0.5, "max_overhead": 1.1}, True),
        ({"noise_gain": 0, "max_overhead": None}, True),
    ],
)
def test_a_budget_that_would_be_exceeded_is_told_with_what_it_takes(pec: dict[str, Any], fits: bool) -> None:
    pubs = one()
    match made(pubs, resilience={"pec_mitigation": True, "pec": pec, "layer_noise_model": learned(pubs)}):
        case Failure(problem):
            assert not fits
            assert (problem.name, problem.value) == ("resilience.pec.max_overhead", "1.1 with noise_gain=0.0")
            assert "at least 1.174, by which the shots of pubs[0] grow" in problem.wanted
        case _:
            assert fits


@pytest.mark.holds("B388")
@pytest.mark.parametrize(("rate", "gain"), [(3.0, "auto"), (3.0, 0), (300.0, 0)])
def test_noise_that_nobody_can_cancel_is_refused(rate: float, gain: Any) -> None:
    pubs = one()
    pec = {"max_overhead": None, "noise_gain": gain}
    match made(pubs, resilience={"pec_mitigation": True, "pec": pec, "layer_noise_model": learned(pubs, rate)}):
        case Failure(problem):
            assert problem.name == "resilience.pec.max_overhead"
            assert "noise_gain='auto'" in problem.wanted
        case _:
            pytest.fail("It was prepared.")


# What is read


@pytest.mark.holds("B387")
def test_a_stored_result_is_read_as_it_was_asked_for() -> None:
    (pub,) = result = by_role(decode_program_result(result_of("estimator_level1")).unwrap())
    # 22 and 16 of 24 shots more are even than odd, and one of 24 was read flipped on qubit 1.
    scale = exp(2 / 24)
    assert list(pub.data) == ["evs", "stds", "ensemble_standard_error"]
    assert pub.data.evs == pytest.approx([22 / 24 * scale, 16 / 24 * scale])
    assert pub.data.stds == pytest.approx(
        [scale * np.std([0.75, 1, 1]) / sqrt(3), scale * np.std([0.75, 0.75, 0.5]) / sqrt(3)]
    )
    assert pub.data.ensemble_standard_error == pytest.approx(
        [scale * sqrt((1 - (22 / 24) ** 2) / 24), scale * sqrt((1 - (16 / 24) ** 2) / 24)]
    )
    assert pub.metadata == {"compilation": {}, "circuit_metadata": {}}
    assert list(result.metadata) == ["options", "target_precision", "shots", "executor"]
    assert (result.metadata["target_precision"], result.metadata["shots"]) == (None, 4096)
    used = result.metadata["options"]["resilience"]
    assert used == {
        "measure_mitigation": True,
        "measure_noise_learning": {"num_randomizations": "auto"},
        "pec_mitigation": False,
        "zne_mitigation": False,
    }


def noiseless() -> GenericBackendV2:
    return GenericBackendV2(5, basis_gates=["cz", "rz", "sx", "x"], noise_info=False, seed=1)


TRUTH = [0.0, 0.9553364891256061]
"""Of ZZ and YY in the state of `bell`: 0 and cos 0.3."""


@pytest.mark.holds("B387")
@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"resilience_level": 0}, ("stds", "ensemble_standard_error")),
        ({}, ("stds", "ensemble_standard_error")),
        ({"resilience_level": 2}, ("stds", "evs_noise_factors", "stds_noise_factors", "ensemble_stds_noise_factors")),
        ({"resilience_level": 2, "resilience": {"zne": {"extrapolator": "linear"}}}, ("stds",)),
    ],
)
def test_without_noise_every_technique_finds_the_truth(options: dict[str, Any], fields: tuple[str, ...]) -> None:
    pubs = [EstimatorPub.coerce((bell(), ["IIIZZ", "IIIYY", SparsePauliOp(["IIIYY", "IIIII"], [2, -0.5])]))]
    program = program_of(pubs, default_shots=8192, twirling={"num_randomizations": 16}, **options)
    (pub,) = by_role(run_program(program, noiseless(), seed=3))
    assert {"evs", *fields} <= set(pub.data)
    assert all(pub.data[name].shape[:1] == (3,) for name in pub.data)
    assert pub.data.evs[1] == pytest.approx(TRUTH[1], abs=0.03)
    assert pub.data.evs[2] == pytest.approx(2 * TRUTH[1] - 0.5, abs=0.06)
    assert (np.abs(pub.data.evs[1:] - [TRUTH[1], 2 * TRUTH[1] - 0.5]) < 4 * pub.data.stds[1:]).all()


@pytest.mark.holds("B387")
@pytest.mark.parametrize(
    "technique",
    [{"pec_mitigation": True}, {"zne_mitigation": True, "zne": {"amplifier": "pea", "noise_factors": [1, 1.5, 2]}}],
)
def test_noise_that_is_known_is_mitigated(technique: dict[str, Any]) -> None:
    pubs = [EstimatorPub.coerce((bell(), "IIIYY"))]
    known = learned(pubs, 0.03)
    # What differs between randomizations counts, so there are many of them.
    options = EstimatorOptions(
        resilience={"layer_noise_model": known, **technique}, twirling={"shots_per_randomization": 32}
    )
    program = prepare(pubs, finalize(options.model_dump()).options, 16_000, None, tagged=True).unwrap()
    bare = prepare(
        pubs,
        finalize(EstimatorOptions(twirling={"enable_gates": True}).model_dump()).options,
        16_000,
        None,
        tagged=True,
    ).unwrap()
    noise: dict[str, Any] = {"layer_noise_model": known, "seed": 5}
    (noisy,), (mitigated,) = (by_role(run_program(made, noiseless(), **noise)) for made in (bare, program))
    assert noisy.data.evs < TRUTH[1] - 0.08
    assert abs(mitigated.data.evs - TRUTH[1]) < 4 * mitigated.data.stds
    assert mitigated.data.stds < 0.06


# Read again


@pytest.fixture(scope="module")
def folded() -> QuantumProgramResult:
    """Return the result of a program whose noise was amplified."""
    zne = {"noise_factors": [1, 2, 3, 5], "extrapolated_noise_factors": [0, 1]}
    program = program_of(two(), twirling=FEW, resilience_level=2, resilience={"zne": zne})
    return run_program(program, GenericBackendV2(5, basis_gates=["cz", "rz", "sx", "x"], seed=1), seed=2)


def again(result: QuantumProgramResult, **resilience: Any) -> Any:
    return post_process(result, {"resilience": resilience})


@pytest.mark.takes_long
@pytest.mark.holds("B383")
def test_a_result_is_read_again_with_other_options_and_stays_as_it_is(folded: QuantumProgramResult) -> None:
    before = deepcopy([dict(item) for item in folded]), deepcopy(folded.passthrough_data)
    first = post_process(folded)
    linear = again(folded, zne={"extrapolator": "linear", "extrapolated_noise_factors": [0.5]})
    fewer = again(folded, zne={"noise_factors": [5.0, 1.0], "extrapolator": ["linear"]})
    uncalibrated = again(folded, measure_mitigation=False)
    plain = again(folded, zne_mitigation=False)
    bare = again(folded, zne_mitigation=False, measure_mitigation=False)
    for pub, shape in enumerate(((2,), (2, 3))):
        assert linear[pub].metadata["resilience"]["zne"]["extrapolators"].tolist() == np.full(shape, "linear").tolist()
        assert linear[pub].data.evs_extrapolated.shape == (*shape, 1, 1)
        measured = fewer[pub].data.evs_noise_factors
        assert measured == pytest.approx(first[pub].data.evs_noise_factors[..., [3, 0]])
        assert fewer[pub].data.evs == pytest.approx(measured[..., 1] - (measured[..., 0] - measured[..., 1]) / 4)
        assert plain[pub].data.evs == pytest.approx(first[pub].data.evs_noise_factors[..., 0])
        assert bare[pub].data.evs == pytest.approx(uncalibrated[pub].data.evs_noise_factors[..., 0])
        assert list(plain[pub].data) == ["evs", "stds", "ensemble_standard_error"]
        assert not np.allclose(first[pub].data.evs, linear[pub].data.evs)
    assert linear.metadata["options"]["resilience"]["zne"]["extrapolator"] == "linear"
    assert "zne" not in plain.metadata["options"]["resilience"]
    after = [dict(item) for item in folded], folded.passthrough_data
    np.testing.assert_equal(after, before)


@pytest.mark.holds("B383")
def test_reading_again_without_a_change_is_reading(folded: QuantumProgramResult) -> None:
    first, second = post_process(folded), post_process(folded, {})
    for one_pub, other in zip(first, second, strict=True):
        np.testing.assert_equal(
            {name: other.data[name] for name in other.data}, {name: one_pub.data[name] for name in one_pub.data}
        )
    assert first.metadata["options"] == second.metadata["options"]


@pytest.mark.holds("B383")
def test_what_was_decided_before_the_run_cannot_be_changed(folded: QuantumProgramResult) -> None:
    with pytest.raises(IBMInputValueError) as refusal:
        post_process(folded, {"twirling": {"enable_gates": False}})
    assert str(refusal.value) == (
        "twirling.enable_gates is False.\n"
        "It must be True, as it was run, for it decides what is run: set it in the options and run again. "
        "What can be changed afterwards: resilience.measure_mitigation, resilience.zne_mitigation, "
        "resilience.zne.noise_factors, resilience.zne.extrapolator, resilience.zne.extrapolated_noise_factors."
    )
    with pytest.raises(IBMInputValueError, match=r"some of those that were run, \[1.0, 2.0, 3.0, 5.0\]"):
        again(folded, zne={"noise_factors": [1, 4]})


@pytest.mark.holds("B387")
def test_terms_that_observables_share_are_fitted_once_and_say_the_same() -> None:
    pubs = [EstimatorPub.coerce((bell(), [["IIIZZ"], ["IIIYY"], [SparsePauliOp(["IIIZZ", "IIIYY"], [0.5, -2])]]))]
    program = program_of(pubs, twirling=FEW, resilience_level=2)
    (pub,) = by_role(run_program(program, noiseless(), seed=2))
    zz, yy, both = pub.data.evs[:, 0]
    assert both == pytest.approx(0.5 * zz - 2 * yy)
    assert pub.data.stds[2, 0] == pytest.approx(
        sqrt((0.5 * pub.data.stds[0, 0]) ** 2 + (2 * pub.data.stds[1, 0]) ** 2), rel=0.2
    )
    models = pub.metadata["resilience"]["zne"]["extrapolators"]
    assert models.shape == (3, 1)
    assert models[2, 0] == (models[0, 0] if models[0, 0] == models[1, 0] else "multiple")


# Results that nobody asked for


def tampered(change: Any) -> QuantumProgramResult:
    result = decode_program_result(result_of("estimator_level1")).unwrap()
    change(result)
    return result


@pytest.mark.holds("B387")
@pytest.mark.parametrize(
    "change",
    [
        lambda result: setattr(result, "passthrough_data", None),
        lambda result: result.passthrough_data.pop("post_processor"),
        lambda result: result.passthrough_data.pop("qiskit_mitigation"),
        lambda result: result.passthrough_data["qiskit_mitigation"].append(3),
        lambda result: result.passthrough_data["qiskit_mitigation"][0].update(version="0.2"),
        lambda result: result.passthrough_data["qiskit_mitigation"][0].update(broadcast_obs_and_params=False),
        lambda result: result.passthrough_data["qiskit_mitigation"][0].update(param_shape=[10**9]),
        lambda result: result.passthrough_data["qiskit_mitigation"][0].update(param_shape=[1] * 40),
        lambda result: result.passthrough_data["qiskit_mitigation"][0].update(program_item_index=7),
        lambda result: result.passthrough_data["qiskit_mitigation"][0].update(observables={"Z" * 9: 1.0}),
        lambda result: result.passthrough_data["qiskit_mitigation"][0].pop("observables"),
        lambda result: result[0].pop("_meas"),
        lambda result: result[0].pop("measurement_flips._meas"),
        lambda result: result[1].pop("measurement_flips._meas"),
        lambda result: result[0].update(_meas=np.zeros((3, 2, 8, 5))),
        lambda result: result[0].update(_meas=np.zeros((3, 2, 8, 2), dtype=bool)),
        lambda result: result[1].update(_meas=np.zeros((3, 8), dtype=bool)),
        lambda result: result.passthrough_data["post_processor"].pop("options"),
    ],
)
def test_what_is_no_result_of_an_estimator_is_told_so(change: Any) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        post_process(tampered(change))


@pytest.mark.holds("B387")
def test_a_body_that_is_no_result_of_an_estimator_is_unreadable() -> None:
    body = result_of("estimator_level1").replace(b'"param_shape": []', b'"param_shape": [1000000000]')
    body = body.replace(b'"param_shape":[]', b'"param_shape":[1000000000]')
    match read_result(body):
        case Failure(problem):
            assert problem.tag == "the result of estimator_v2"
            assert "no values of the shape (1000000000,)" in problem.reason
        case _:
            pytest.fail("It was read.")


@pytest.mark.holds("B387")
def test_models_and_factors_without_end_are_refused(folded: QuantumProgramResult) -> None:
    odd = deepcopy(folded)
    odd.passthrough_data["post_processor"]["options"]["resilience"]["zne"].update(
        extrapolator=["linear"] * 10_000, extrapolated_noise_factors=[0.0] * 10_000
    )
    with pytest.raises(ValueError, match="too many values"):
        post_process(odd)


@pytest.mark.holds("B388")
@pytest.mark.parametrize(
    ("largest", "gates", "fits"), [(1e6, 2, False), (499_999, 2, True), (99_999, 10, True), (1e5, 10, False)]
)
def test_circuits_are_not_folded_without_end(largest: float, gates: int, fits: bool) -> None:
    circuit = QuantumCircuit(2)
    for _ in range(gates):
        circuit.cz(0, 1)
        circuit.barrier(0, 1)
    pub = EstimatorPub.coerce((circuit, "ZZ"))
    zne = {"noise_factors": [1, largest], "extrapolator": "linear"}
    options = finalize(EstimatorOptions(resilience_level=2, resilience={"zne": zne}).model_dump()).options
    flaw = find_flaw([pub], options)
    if fits:
        assert flaw is None
    else:
        assert isinstance(flaw, BadArgument)
        assert flaw.name == "resilience.zne.noise_factors"
        assert f"1000000 of the {gates} two-qubit gates of pubs[0]" in flaw.wanted
    gentle = {**options, "resilience": {**options["resilience"], "zne_mitigation": False}}
    assert find_flaw([pub], gentle) is None
