"""The doors without a file: modules where programs for IBM's client look for names, each handing them on.

`open_doors` puts those below a package among Python's modules, as `os` does with `os.path`; a name is loaded when it is
first used. Type checkers and editors look for a file: `hatch_build.py` writes a stub for each into the wheel.
"""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from ._lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` would take longer to load than all the rest.
    from collections.abc import Mapping

    from ._lazy import Homes

DOORS = """
accounts.account                      .shell.accounts Account ChannelType PlanType
accounts.exceptions                   AccountAlreadyExistsError AccountNotFoundError AccountsError InvalidAccountError
accounts.exceptions                   CloudResourceNameResolutionError
accounts.management                   .shell.accounts AccountManager
base_primitive                        .shell.primitives BasePrimitiveV2=Primitive
batch                                 .shell.session Batch
circuit.library                       MeasureReset MidCircuitMeasure MidCircuitReset XSlowGate
circuit.library.mid_circuit_measure   MeasureReset MidCircuitMeasure MidCircuitReset
circuit.library.xslow                 XSlowGate
debug_tools.neat                      Neat
debug_tools.neat_results              NeatPubResult NeatResult
decoders                              .shell.decoder ResultDecoder
decoders.result_decoder               ResultDecoder
estimator                             .shell.primitives Estimator EstimatorV2
execution_span.double_slice_span      DoubleSliceSpan
execution_span.execution_span         ExecutionSpan ShapeType
execution_span.execution_spans        ExecutionSpans
execution_span.slice_span             SliceSpan
execution_span.twirled_slice_span     TwirledSliceSpan TwirledSliceSpanV2
fake_provider.fake_backend            FakeBackendV2
fake_provider.fake_provider           FakeProviderForBackendV2
fake_provider.local_runtime_job       .shell.in_process_job LocalRuntimeJob=InProcessJob
fake_provider.local_service           .shell.service QiskitRuntimeLocalService
ibm_backend                           .shell.backend IBMBackend IBMRetiredBackend
models.backend_configuration          BackendConfiguration GateConfig QasmBackendConfiguration UchannelLO
models.backend_properties             BackendProperties Gate=GateProperties GateProperties Nduv
models.backend_status                 BackendStatus
models.backend_properties             .shell.models PropertyT=Property
models.exceptions                     BackendPropertyError
noise_learner.noise_learner           NoiseLearner NoiseLearnerV2
options.dynamical_decoupling_options  DynamicalDecouplingOptions Unset
options.environment_options           EnvironmentOptions
options.estimator_options             EstimatorOptions Unset
options.execution_options             ExecutionOptionsV2 Unset
options.layer_noise_learning_options  LayerNoiseLearningOptions Unset
options.measure_noise_learning_options MeasureNoiseLearningOptions Unset
options.noise_learner_options         NoiseLearnerOptions Unset
options.options                       OptionsV2 Unset
options.options                       .shell.option_group BaseOptions=OptionGroup
options.pec_options                   PecOptions Unset
options.resilience_options            ResilienceOptionsV2 Unset
options.sampler_execution_options     SamplerExecutionOptionsV2 Unset
options.sampler_options               SamplerOptions Unset
options.simulator_options             SimulatorOptions Unset
options.twirling_options              TwirlingOptions Unset
options.utils                         .records.options Unset UnsetType
options.zne_options                   Unset ZneOptions
options_models.base                   .shell.option_model BaseOptionsModel=OptionModel
options_models.bit_flip_checks        BitFlipChecksOptions
options_models.bit_flip_checks        PostCircuitBitFlipChecksOptions PreCircuitBitFlipChecksOptions
options_models.calibrator             CalibratorOptions
options_models.dynamical_decoupling   DynamicalDecouplingOptions
options_models.environment            EnvironmentOptions
options_models.estimator              EstimatorOptions
options_models.execution              ExecutionOptions SamplerExecutionOptions
options_models.executor               ExecutorOptions
options_models.measure_noise_learning MeasureNoiseLearningOptions
options_models.noise_learner_v3       NoiseLearnerV3Options
options_models.pec                    PecOptions
options_models.resilience             ResilienceOptions
options_models.sampler                SamplerOptions
options_models.simulator              SimulatorOptions
options_models.twirling               TwirlingOptions
options_models.zne                    ZneOptions
proxies                               .shell.accounts ProxyConfiguration
proxies.configuration                 ProxyConfiguration
qiskit_runtime_service                .shell.service IBMQuantumComputeService QiskitRuntimeService
results.calibrator                    CalibratorResult
results.estimator_pub                 EstimatorPubResult
results.noise_learner                 LayerError NoiseLearnerResult PauliLindbladError
results.noise_learner_v3              NoiseLearnerV3Result NoiseLearnerV3Results
runtime_job_v2                        .shell.job RuntimeJobV2
runtime_options                       .shell.programs RuntimeOptions
sampler                               .shell.primitives Sampler SamplerV2
session                               .shell.session Session
transpiler.passes.basis               ConvertIdToDelay ConvertToMidCircuitMeasure
transpiler.passes.basis               ConvertToMidCircuitResetAndMeasure FoldRzzAngle
transpiler.passes.basis.convert_id_to_delay ConvertIdToDelay
transpiler.passes.basis.convert_mid_circ_meas ConvertToMidCircuitMeasure ConvertToMidCircuitResetAndMeasure
transpiler.passes.basis.fold_rzz_angle .passes.rzz_folding FoldRzzAngle convert_to_rzz_valid_pub
transpiler.passes.cliffordization     ConvertISAToClifford
transpiler.passes.cliffordization.convert_isa_to_clifford ConvertISAToClifford
transpiler.passes.scheduling.block_base_padder BlockBasePadder
transpiler.passes.scheduling.dynamical_decoupling PadDynamicalDecoupling
transpiler.passes.scheduling.pad_delay PadDelay
transpiler.passes.scheduling.scheduler ALAPScheduleAnalysis ASAPScheduleAnalysis
utils.backend_converter               .shell.models convert_to_target
utils.backend_converter               .bridge.target rzz_wrapper=fold_rzz
utils.backend_decoder                 .shell.models configuration_from_server_data properties_from_server_data
utils.converters                      .shell.dates local_to_utc utc_to_local utc_to_local_all
utils.deprecation                     .shell.deprecation deprecate_arguments deprecate_function issue_deprecation_msg
utils.estimator_pub_result            .results EstimatorPubResult
utils.json                            .json RuntimeDecoder RuntimeEncoder to_base64_string
utils.logging                         .shell.logs setup_logger
utils.noise_learner_result            .results LayerError NoiseLearnerResult PauliLindbladError
utils.result_decoder                  .decoders ResultDecoder
utils.utils                           .shell.checks are_circuits_dynamic is_crn is_fractional_gate
utils.utils                           .shell.checks is_isa_circuit is_simulator is_valid_rzz_pub
utils.validations                     validate_classical_registers validate_estimator_pubs validate_isa_circuits
utils.validations                     validate_job_tags validate_no_dd_with_dynamic_circuits validate_rzz_pubs
visualization.draw_circuit_schedule_timings draw_circuit_schedule_timing
visualization.draw_layer_error        draw_layer_error_map draw_layer_errors_swarm
visualization.draw_zne                draw_zne_evs draw_zne_extrapolators
"""
"""A door on each line, and what is behind it. A name lives at the door one level up, or at the module with a dot before
it, there perhaps under another name: `Gate=GateProperties`. A door with much behind it takes several lines."""

DOORS_WITH_EXECUTOR = """
calibrator.calibrator                 Calibrator
executor.executor                     Executor
executor_estimator.estimator          Estimator
executor_noise_learner.noise_learner_v3 NoiseLearnerV3
executor_sampler.sampler              Sampler
noise_learner_v3.noise_learner_v3     NoiseLearnerV3
quantum_program.datatree              DataTree
quantum_program.quantum_program       DataTree QuantumProgram
results.quantum_program               ItemMetadata Metadata QuantumProgramItemResult
results.quantum_program               QuantumProgramResult SchedulerTiming StretchValues
"""
"""Those whose names take the extra `executor`."""


WITH_FILES = (
    *("accounts", "calibrator", "circuit", "debug_tools", "exceptions", "execution_span", "executor"),
    *("executor_estimator", "executor_noise_learner", "executor_sampler", "fake_provider", "json", "models"),
    *("noise_learner", "noise_learner_v3", "options", "options_models", "quantum_program", "results", "transpiler"),
    *("utils", "visualization"),
)
"""The doors of the package that have files: whoever has the package has them too."""


def read_doors() -> "Mapping[str, Homes]":
    """Return where each name behind each door lives."""
    doors: dict[str, dict[str, tuple[str, str, str | None]]] = {}
    for table, need in ((DOORS, None), (DOORS_WITH_EXECUTOR, f"{__package__}.programs")):
        for place, first, *others in map(str.split, table.split("\n")[1:-1]):
            elsewhere = first.startswith(".")
            home = first if elsewhere else f".{place.rpartition('.')[0]}"
            for word in others if elsewhere else (first, *others):
                name, _, original = word.partition("=")
                doors.setdefault(place, {})[name] = (f"{__package__}{home}", original or name, need)
    return doors


HOMES = read_doors()


def open_doors(package: str, doors: "Mapping[str, Homes]" = HOMES) -> None:
    """Let all doors below a package be found: as its attributes, and by whoever imports them.

    Source: behaviour B423.
    """
    above = package.partition(".")[2]
    for place, homes in doors.items():
        inside, _, name = place.rpartition(".")
        if inside == above:
            door = ModuleType(f"{package}.{name}", f"The door to {', '.join(homes)}, where IBM's users look for it.")
            door.__spec__ = ModuleSpec(door.__name__, None)
            door.__package__ = package
            sys.modules[door.__name__] = door
            vars(door)["__getattr__"], vars(door)["__dir__"] = attach(door.__name__, homes)
            setattr(sys.modules[package], name, door)
            open_doors(door.__name__, doors)
