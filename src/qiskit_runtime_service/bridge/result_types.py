"""What jobs answer with that Qiskit has no class for: the PUBs of an estimator, the layers of a noise learner."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.primitives.containers import PubResult
from qiskit.quantum_info import PauliList

from .._public import public
from .zne_figures import draw_zne_evs, draw_zne_extrapolators

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
    from qiskit.providers import BackendV2
    from qiskit.quantum_info import Pauli

    from .embeddings import Embedding


@public("results")
class EstimatorPubResult(PubResult):
    """The result of one PUB of an estimator, under the name that IBM's client writes. The server writes `PubResult`."""

    def draw_zne_evs(
        self,
        indices: Sequence[tuple[int, ...]] | None = None,
        names: Sequence[str] | None = None,
        num_stds: int = 1,
        max_mag: float = 10,
        max_std: float = 0.2,
        height: int = 500,
        width: int = 1000,
        num_cols: int = 4,
        colorscale: str = "Aggrnyl",
    ) -> "Figure":
        """Draw how expectation values were extrapolated to zero noise, a panel for each.

        The arguments are those of `visualization.draw_zne_evs`.

        Raises:
            ValueError: There is no extrapolation, or an argument cannot be meant.
            ImportError: Plotly is not installed.
        """
        sides = (height, width, num_cols, colorscale)
        return draw_zne_evs(self, indices, names, num_stds, max_mag, max_std, *sides)

    def draw_zne_extrapolators(
        self,
        indices: Sequence[tuple[int, ...]] | None = None,
        names: Sequence[str] | None = None,
        num_stds: int = 1,
        max_mag: float = 10,
        max_std: float = 0.2,
        height: int = 500,
        width: int = 1000,
        colorscale: str = "Aggrnyl",
    ) -> "Figure":
        """Draw how expectation values were extrapolated to zero noise, a panel for each model.

        The arguments are those of `visualization.draw_zne_extrapolators`.

        Raises:
            ValueError: There is no extrapolation, or an argument cannot be meant.
            ImportError: Plotly is not installed.
        """
        return draw_zne_extrapolators(self, indices, names, num_stds, max_mag, max_std, height, width, colorscale)


@public("results")
class PauliLindbladError:
    """The error channel exp(∑ rⱼ Dⱼ), where Dⱼ(ρ) = Pⱼ ρ Pⱼ − ρ for the Pauli operator Pⱼ and its rate rⱼ.

    Args:
        generators: The operators Pⱼ.
        rates: The rates rⱼ, one for each of them.

    Raises:
        ValueError: There are more of one than of the other.
    """

    def __init__(self, generators: PauliList, rates: Sequence[float] | NDArray[Any]) -> None:
        self._generators = generators
        self._rates: NDArray[np.float64] = np.asarray(rates, dtype=float)
        if self._rates.shape != (len(generators),):
            raise ValueError(f"`generators` has length {len(generators)} but `rates` has shape {self._rates.shape}.")

    @property
    def generators(self) -> PauliList:
        """The operators Pⱼ."""
        return self._generators

    @property
    def rates(self) -> NDArray[np.float64]:
        """The rates rⱼ, one for each operator."""
        return self._rates

    @property
    def num_qubits(self) -> int:
        """How many qubits the channel acts on."""
        width: int = self._generators.num_qubits
        return width

    def restrict_num_bodies(self, num_qubits: int) -> "PauliLindbladError":
        """Return the channel of only the operators that act on exactly `num_qubits` qubits.

        Raises:
            ValueError: `num_qubits` is negative.
        """
        if num_qubits < 0:
            raise ValueError(f"`num_qubits` must be 0 or positive, not {num_qubits}.")
        kept = np.count_nonzero(self._generators.x | self._generators.z, axis=1) == num_qubits
        return PauliLindbladError(self._generators[kept], self._rates[kept])

    def __repr__(self) -> str:
        return f"PauliLindbladError(generators={self._generators.to_labels()}, rates={self._rates.tolist()})"


@public("results")
class LayerError:
    """The error of one layer of instructions.

    Args:
        circuit: The layer.
        qubits: The qubits of the device that its qubits are.
        error: Its error channel, or `None` if that is unknown or switched off.

    Raises:
        ValueError: The three do not act on the same number of qubits.
    """

    def __init__(self, circuit: QuantumCircuit, qubits: Sequence[int], error: PauliLindbladError | None = None) -> None:
        self._circuit = circuit
        self._qubits = list(qubits)
        self._error = error
        widths = {circuit.num_qubits, len(self._qubits), *(() if error is None else (error.num_qubits,))}
        if len(widths) > 1:
            raise ValueError(f"Mismatching numbers of qubits: {sorted(widths)}.")

    @property
    def circuit(self) -> QuantumCircuit:
        """The layer."""
        return self._circuit

    @property
    def qubits(self) -> list[int]:
        """The qubits of the device that the qubits of the layer are."""
        return self._qubits

    @property
    def error(self) -> PauliLindbladError | None:
        """The error channel of the layer, or `None` if that is unknown or switched off."""
        return self._error

    @property
    def num_qubits(self) -> int:
        """How many qubits the layer has."""
        return len(self._qubits)

    def draw_map(
        self,
        embedding: "Embedding | BackendV2",
        colorscale: str = "Bluered",
        color_no_data: str = "lightgray",
        color_out_of_scale: str = "lightgreen",
        num_edge_segments: int = 16,
        edge_width: float = 4,
        height: int = 500,
        highest_rate: float | None = None,
        background_color: str = "white",
        radius: float = 0.25,
        width: int = 800,
    ) -> "Figure":
        """Draw the error on the map of a device.

        The arguments are those of `visualization.draw_layer_error_map`.

        Raises:
            ValueError: An argument cannot be meant, or a qubit of the layer has no place.
            ImportError: Plotly is not installed.
        """
        from .layer_figures import draw_layer_error_map

        return draw_layer_error_map(
            self,
            embedding,
            colorscale,
            color_no_data,
            color_out_of_scale,
            num_edge_segments,
            edge_width,
            height,
            highest_rate,
            background_color,
            radius,
            width,
        )

    def draw_swarm(
        self,
        num_bodies: int | None = None,
        max_rate: float | None = None,
        min_rate: float | None = None,
        connected: "Sequence[Pauli | str] | None" = None,
        colors: Sequence[str] | None = None,
        num_bins: int | None = None,
        opacities: float | Sequence[float] = 0.4,
        names: Sequence[str] | None = None,
        x_coo: Sequence[float] | None = None,
        marker_size: float | None = None,
        height: int = 500,
        width: int = 800,
    ) -> "Figure":
        """Draw the rates as a swarm: points along a vertical axis, beside each other where rates are close.

        The arguments are those of `visualization.draw_layer_errors_swarm`, for one layer.

        Raises:
            ValueError: An argument cannot be meant.
            ImportError: Plotly is not installed.
        """
        from .layer_figures import draw_layer_errors_swarm

        which = (num_bodies, max_rate, min_rate, connected, colors, num_bins)
        return draw_layer_errors_swarm([self], *which, opacities, names, x_coo, marker_size, height, width)

    def __repr__(self) -> str:
        return f"LayerError(circuit={self._circuit!r}, qubits={self._qubits}, error={self._error!r})"


@public("results")
class NoiseLearnerResult:
    """The result of a job of the program `noise-learner`: the error of each layer, as a list.

    Args:
        data: The layers.
        metadata: What the server says of all of them.
    """

    def __init__(self, data: Sequence[LayerError], metadata: dict[str, Any] | None = None) -> None:
        self._data = list(data)
        self._metadata = {} if metadata is None else dict(metadata)

    @property
    def data(self) -> list[LayerError]:
        """The layers."""
        return self._data

    @property
    def metadata(self) -> dict[str, Any]:
        """What the server says of all layers."""
        return self._metadata

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, index: int) -> LayerError:
        return self._data[index]

    def __iter__(self) -> Iterator[LayerError]:
        return iter(self._data)

    def __repr__(self) -> str:
        return f"NoiseLearnerResult(data={self._data!r}, metadata={self._metadata!r})"
