"""Instructions of IBM's devices that Qiskit has no class for: without definitions, for a device knows them by name."""

from qiskit.circuit import Gate, Instruction

from .._public import public


@public("circuit")
class MidCircuitMeasure(Instruction):
    """A measurement of one qubit into one bit that a device has beside `measure`, for the middle of a circuit.

    Args:
        name: What the device calls it.
        label: What a picture shows in the place of the name.

    Raises:
        ValueError: The name does not begin with `measure_`.

    Source: behaviour B424.
    """

    def __init__(self, name: str = "measure_2", label: str | None = None) -> None:
        check_name(name, "mid-circuit measure", "measure_")
        super().__init__(name, 1, 1, [], label=label)


@public("circuit")
class MidCircuitReset(Instruction):
    """A reset of one qubit that a device has beside `reset`, for the middle of a circuit.

    Args:
        name: What the device calls it.
        label: What a picture shows in the place of the name.

    Raises:
        ValueError: The name does not begin with `reset_`.

    Source: behaviour B424.
    """

    def __init__(self, name: str = "reset_2", label: str | None = None) -> None:
        check_name(name, "mid-circuit reset", "reset_")
        super().__init__(name, 1, 0, [], label=label)


@public("circuit")
class MeasureReset(Instruction):
    """A reset of one qubit that shows what it measured: the qubit is 0 afterwards, and the bit is what it was before.

    Args:
        name: What the device calls it.
        label: What a picture shows in the place of the name.

    Raises:
        ValueError: The name does not begin with `measure_reset`.

    Source: behaviour B424.
    """

    def __init__(self, name: str = "measure_reset", label: str | None = None) -> None:
        check_name(name, "MeasureReset", "measure_reset")
        super().__init__(name, 1, 1, [], label=label)


@public("circuit")
class XSlowGate(Gate):
    """A slow `x`, with which readout errors are learned and found.

    Source: behaviour B424.
    """

    def __init__(self) -> None:
        super().__init__("xslow", 1, [])


def check_name(name: str, what: str, beginning: str) -> None:
    """Check that a device may call an instruction so.

    Raises:
        ValueError: The name begins otherwise.
    """
    if not name.startswith(beginning):
        raise ValueError(
            f"Invalid name for {what} instruction: {name!r}. The provided name must start with `{beginning}`."
        )
