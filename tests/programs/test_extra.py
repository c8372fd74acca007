"""Without the extra, what needs it says so, and nothing else is missed."""

import subprocess
import sys

import pytest

LIBRARIES = ("samplomatic", "ibm_quantum_schemas", "qiskit_mitigation", "qiskit_noise_learning")
HIDE = "import sys; sys.modules[{library!r}] = None\n"
"""Python finds no module of that name any more."""


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


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
    missing = (
        f"Quantum programs need {library.replace('_', '-')}, which is not installed. "
        "Install the extra: pip install 'qiskit-runtime-service[executor]'"
    )
    assert run(program).splitlines() == [missing] * len(tries)


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
    missing = (
        "Quantum programs need samplomatic, which is not installed. "
        "Install the extra: pip install 'qiskit-runtime-service[executor]'"
    )
    assert run(program).splitlines() == [missing, missing, "True"]
