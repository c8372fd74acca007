"""Where each public name lives, for editors, type checkers, and `__init__.py`, which loads it from there."""

from .bridge.ledger import DecodeLimits as DecodeLimits
from .bridge.typed_json import RuntimeEncoder as RuntimeEncoder
from .exceptions import AccountAlreadyExistsError as AccountAlreadyExistsError
from .exceptions import AccountNotFoundError as AccountNotFoundError
from .exceptions import IBMAccountError as IBMAccountError
from .exceptions import IBMApiError as IBMApiError
from .exceptions import IBMBackendApiError as IBMBackendApiError
from .exceptions import IBMBackendApiProtocolError as IBMBackendApiProtocolError
from .exceptions import IBMBackendError as IBMBackendError
from .exceptions import IBMBackendValueError as IBMBackendValueError
from .exceptions import IBMError as IBMError
from .exceptions import IBMInputValueError as IBMInputValueError
from .exceptions import IBMNotAuthorizedError as IBMNotAuthorizedError
from .exceptions import IBMRuntimeError as IBMRuntimeError
from .exceptions import InvalidAccountError as InvalidAccountError
from .exceptions import RuntimeInvalidStateError as RuntimeInvalidStateError
from .exceptions import RuntimeJobFailureError as RuntimeJobFailureError
from .exceptions import RuntimeJobMaxTimeoutError as RuntimeJobMaxTimeoutError
from .exceptions import RuntimeJobNotFound as RuntimeJobNotFound
from .exceptions import RuntimeJobTimeoutError as RuntimeJobTimeoutError
from .exceptions import RuntimeProgramNotFound as RuntimeProgramNotFound
from .exceptions import SubmissionUnknown as SubmissionUnknown
from .programs.quantum_program import QuantumProgram as QuantumProgram  # needs .programs
from .records.exchange import Endpoints as Endpoints
from .records.network import Timeouts as Timeouts
from .shell.backend import IBMBackend as IBMBackend
from .shell.calibrator import Calibrator as Calibrator  # needs .programs
from .shell.decoder import RuntimeDecoder as RuntimeDecoder
from .shell.estimate import Estimate as Estimate
from .shell.executor import Executor as Executor  # needs .programs
from .shell.job import RuntimeJobV2 as RuntimeJobV2
from .shell.logs import setup_logger as setup_logger
from .shell.noise_learner_v2 import NoiseLearner as NoiseLearner
from .shell.noise_learner_v2 import NoiseLearnerV2 as NoiseLearnerV2
from .shell.noise_learner_v3 import NoiseLearnerV3 as NoiseLearnerV3  # needs .programs
from .shell.option_models import ExecutorOptions as ExecutorOptions
from .shell.option_models import NoiseLearnerV3Options as NoiseLearnerV3Options
from .shell.options import EstimatorOptions as EstimatorOptions
from .shell.options import NoiseLearnerOptions as NoiseLearnerOptions
from .shell.options import Options as Options
from .shell.options import OptionsV2 as OptionsV2
from .shell.options import SamplerOptions as SamplerOptions
from .shell.primitives import Estimator as Estimator
from .shell.primitives import EstimatorV2 as EstimatorV2
from .shell.primitives import Sampler as Sampler
from .shell.primitives import SamplerV2 as SamplerV2
from .shell.programs import RuntimeOptions as RuntimeOptions
from .shell.service import IBMQuantumComputeService as IBMQuantumComputeService
from .shell.service import QiskitRuntimeLocalService as QiskitRuntimeLocalService
from .shell.service import QiskitRuntimeService as QiskitRuntimeService
from .shell.session import Batch as Batch
from .shell.session import Session as Session
from .shell.snapshot_backend import load_snapshot as load_snapshot
from .shell.waiting import wait_all as wait_all

__all__: list[str]
__version__: str
