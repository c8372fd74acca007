"""The noise of a device, as Aer takes it."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import qiskit  # noqa: F401  # all of it before a part: another thread may load it too (B280)
from qiskit.providers import BackendV2, Options
from qiskit.transpiler import Target

from ..bridge.ledger import RefusedError
from ..bridge.readout import misreadings
from ..bridge.typed_json import decode_value
from ..core.lost_noise import GATES, READOUT, RELAXATION
from ..records.problem import BadArgument
from .active_qubits import shrink_target

NOISE_MODEL = "a NoiseModel of qiskit-aer, or what its to_dict() returns"


def build_noise_model(target: Target, active: Sequence[int], *, relaxation: bool) -> Any:
    """Return the noise of a device on its active qubits alone, numbered from 0.

    A gate errs as often as the device says, or as often as its qubits relax while it lasts, if that is more. A
    measurement errs by the state that is measured.

    Args:
        target: The device.
        active: Which of its qubits count.
        relaxation: Whether qubits relax, by their T1 and T2, during gates and delays.

    Source: behaviour B270.
    """
    from qiskit_aer.noise import NoiseModel, ReadoutError

    device = DescribedDevice(shrink_target(target, active))
    model = NoiseModel.from_backend(device, readout_error=False, thermal_relaxation=relaxation)
    for qubit, (zero_as_one, one_as_zero) in enumerate(misreadings(target, active)):
        if zero_as_one or one_as_zero:
            chances = [[1 - zero_as_one, zero_as_one], [one_as_zero, 1 - one_as_zero]]
            model.add_readout_error(ReadoutError(chances), [qubit])
    return model


def read_noise_model(given: Any) -> Any:
    """Return a noise model of Aer from what a user gave: itself, or what its `to_dict` returns.

    Raises:
        RefusedError: It is neither.
    """
    from qiskit_aer.noise import NoiseModel
    from qiskit_aer.noise.noise_model import AerJSONEncoder

    if isinstance(given, NoiseModel):
        return given
    model = None
    with suppress(TypeError, ValueError):
        # The same way that a model goes over the wire, with its bounds.
        tagged = json.dumps({"__type__": "NoiseModel", "__value__": given}, cls=AerJSONEncoder)
        model = decode_value(tagged.encode()).value_or(None)
    if isinstance(model, NoiseModel):
        return model
    value = f"a {type(given).__name__} that is none"
    raise RefusedError(BadArgument(name="simulator.noise_model", value=value, wanted=NOISE_MODEL))


def known_noise(target: Target, active: Sequence[int]) -> tuple[str, ...]:
    """Return which kinds of noise a device tells of on some of its qubits.

    Source: behaviour B271.
    """
    here = frozenset(active)
    errors = (
        known.error
        for name in target.operation_names
        for where, known in target[name].items()
        if name != "measure" and where is not None and known is not None and here.issuperset(where)
    )
    times = target.qubit_properties or ()
    found = {
        GATES: any(errors),
        READOUT: any(map(any, misreadings(target, active))),
        RELAXATION: any(times[qubit].t1 or times[qubit].t2 for qubit in active) if times else False,
    }
    return tuple(kind for kind, known in found.items() if known)


class DescribedDevice(BackendV2):
    """The least of a backend that libraries take the gates and the noise of a device from."""

    def __init__(self, target: Target) -> None:
        super().__init__(name="device")
        self._target = target

    @property
    def target(self) -> Target:
        """What it can do."""
        return self._target

    @property
    def max_circuits(self) -> None:
        """Nobody counts."""
        return None

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, run_input: Any, **options: Any) -> Any:
        """Refuse."""
        raise NotImplementedError("This device is only described, not run.")
