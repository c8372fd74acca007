"""Where each result lives, for editors, type checkers, and `__init__.py`, which loads it from there."""

from ..bridge.learned_noise import CalibratorResult as CalibratorResult
from ..bridge.learned_noise import NoiseLearnerV3Result as NoiseLearnerV3Result
from ..bridge.learned_noise import NoiseLearnerV3Results as NoiseLearnerV3Results
from ..bridge.result_types import EstimatorPubResult as EstimatorPubResult
from ..bridge.result_types import LayerError as LayerError
from ..bridge.result_types import NoiseLearnerResult as NoiseLearnerResult
from ..bridge.result_types import PauliLindbladError as PauliLindbladError
from ..programs.results import ItemMetadata as ItemMetadata  # needs ..programs
from ..programs.results import Metadata as Metadata  # needs ..programs
from ..programs.results import QuantumProgramItemResult as QuantumProgramItemResult  # needs ..programs
from ..programs.results import QuantumProgramResult as QuantumProgramResult  # needs ..programs
from ..programs.results import SchedulerTiming as SchedulerTiming  # needs ..programs
from ..programs.results import StretchValues as StretchValues  # needs ..programs

__all__: list[str]
