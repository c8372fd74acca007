"""Without the extra, what needs it says so, and nothing else is missed."""

import subprocess
import sys

import pytest

LIBRARIES = ("samplomatic", "ibm_quantum_schemas", "qiskit_mitigation", "qiskit_noise_learning")
HIDE = "import sys; sys.modules[{library!r}] = None\n"
"""Python finds no module of that name any more."""

MISSING = (
    "Quantum programs need {}, which is not installed. "
    "Install the extra: pip install 'qiskit-runtime-service[executor]'"
)


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.takes_long
@pytest.mark.holds("B368")
def test_nothing_of_the_libraries_is_loaded_before_it_is_needed() -> None:
    loaded = run(
        "import sys\n"
        "from qiskit_runtime_service import QiskitRuntimeService, SamplerV2, RuntimeJobV2, ExecutorOptions\n"
        "from qiskit_runtime_service.results import EstimatorPubResult\n"
        "from qiskit_runtime_service import options_models\n"
        "service = QiskitRuntimeService(channel='local')\n"
        "service.backend('fake_manila').target\n"
        f"print([name for name in (*{LIBRARIES}, 'pydantic', 'pybase64') if name in sys.modules])"
    )
    assert loaded == "[]"


@pytest.mark.holds("B368")
@pytest.mark.parametrize("library", LIBRARIES)
def test_what_is_missing_is_named_with_the_extra(library: str) -> None:
    tries = (
        "from qiskit_runtime_service import Executor",
        "from qiskit_runtime_service import QuantumProgram",
        "import qiskit_runtime_service.executor",
        "import qiskit_runtime_service.quantum_program",
        "from qiskit_runtime_service.results import QuantumProgramResult",
        "from qiskit_runtime_service import NoiseLearnerV3",
        "from qiskit_runtime_service import Calibrator",
        "import qiskit_runtime_service.executor_noise_learner",
        "import qiskit_runtime_service.noise_learner_v3",
    )
    program = HIDE.format(library=library) + (
        f"for line in {tries!r}:\n"
        "    try:\n"
        "        exec(line)\n"
        "    except ImportError as error:\n"
        "        print(error)\n"
        "from qiskit_runtime_service import NoiseLearner, SamplerV2\n"
        "from qiskit_runtime_service.results import EstimatorPubResult, NoiseLearnerV3Results\n"
    )
    missing = MISSING.format(library.replace("_", "-"))
    assert run(program).splitlines() == [missing] * len(tries)


@pytest.mark.takes_long
@pytest.mark.holds("B368")
def test_what_is_there_is_imported_all_at_once() -> None:
    """`import *` and whoever looks at each name of `dir()` meet no name that takes what is missing."""
    modules = ("qiskit_runtime_service", "qiskit_runtime_service.results", "qiskit_runtime_service.testing")
    named = ("Executor", "SamplerV2", "QuantumProgramResult", "emulated_cloud")
    program = HIDE.format(library=LIBRARIES[-1]) + (
        "import importlib\n"
        f"for name in {modules!r}:\n"
        "    exec(f'from {name} import *', found := {})\n"
        "    module = importlib.import_module(name)\n"
        "    assert set(found) - {'__builtins__'} == set(module.__all__)\n"
        "    assert all(getattr(module, known) is not None for known in dir(module) if known[0] != '_')\n"
        f"    print([name for name in {named!r} if name in found])\n"
    )
    assert run(program).splitlines() == ["['SamplerV2']", "[]", "['emulated_cloud']"]


@pytest.mark.takes_long
@pytest.mark.holds("B368")
def test_with_the_extra_every_name_is_imported_at_once() -> None:
    program = "from qiskit_runtime_service import *\nfrom qiskit_runtime_service.results import *\n"
    names = "print(Executor, QuantumProgram, Calibrator, NoiseLearnerV3, QuantumProgramResult, ItemMetadata, sep='\\n')"
    assert [line.rpartition(".")[2] for line in run(program + names).splitlines()] == [
        *(
            "Executor'>",
            "QuantumProgram'>",
            "Calibrator'>",
            "NoiseLearnerV3'>",
            "QuantumProgramResult'>",
            "ItemMetadata'>",
        )
    ]


@pytest.mark.takes_long
@pytest.mark.holds("B368")
def test_a_job_that_runs_a_quantum_program_says_so_too_and_its_bytes_are_there() -> None:
    program = HIDE.format(library="samplomatic") + (
        "from qiskit_runtime_service import QiskitRuntimeService\n"
        "from qiskit_runtime_service.emulator.world import Finished\n"
        "from qiskit_runtime_service.testing import API_KEY, emulated_cloud\n"
        'body = b\'{"schema_version": "v2.0"}\'\n'
        "cloud = emulated_cloud(programs={'executor': lambda *_: Finished(result=body)})\n"
        "service = QiskitRuntimeService(token=API_KEY, transport=cloud, clock=cloud)\n"
        "backend = service.backend('fake_manila')\n"
        "job = service.run_program('executor', {'schema_version': 'v2.0'}, backend)\n"
        "for read in (job.result, lambda: job.inputs):\n"
        "    try:\n"
        "        read()\n"
        "    except ImportError as error:\n"
        "        print(error)\n"
        "print(job.raw_result() == body)\n"
    )
    missing = MISSING.format("samplomatic")
    assert run(program).splitlines() == [missing, missing, "True"]


@pytest.mark.takes_long
@pytest.mark.holds("B486")
def test_what_takes_the_extra_is_not_there_without_it_for_who_asks_first() -> None:
    program = HIDE.format(library="samplomatic") + (
        "import qiskit_runtime_service as package\n"
        "from qiskit_runtime_service import results\n"
        "for module, name in ((package, 'Executor'), (package, 'QuantumProgram'), (results, 'QuantumProgramResult')):\n"
        "    print(hasattr(module, name), getattr(module, name, 'nothing'), end=' ')\n"
        "    try:\n"
        "        getattr(module, name)\n"
        "    except AttributeError as error:\n"
        "        print(error)\n"
        "print(hasattr(package, 'SamplerV2'), hasattr(package, 'executor'), hasattr(results, 'nothing'))\n"
    )
    missing = MISSING.format("samplomatic")
    assert run(program).splitlines() == [f"False nothing {missing}"] * 3 + ["True False False"]
