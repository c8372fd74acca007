"""Circuits told apart by what they run, whoever encoded them."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from ibm_quantum_schemas.common.annotation_serializer import AnnotationSerializer
from qiskit import QuantumCircuit, QuantumRegister, qpy
from qiskit.circuit import Annotation, ClassicalRegister, Duration, Parameter
from qiskit.circuit.classical import expr
from samplomatic import Tag, Twirl

from qiskit_runtime_service.cassettes.circuit_meaning import sketch_circuits


def encode(circuit: QuantumCircuit, version: int = 17) -> bytes:
    buffer = io.BytesIO()
    qpy.dump(circuit, buffer, version=version)
    return buffer.getvalue()


def bell(name: str | None = None, angle: object = None, qubits: tuple[int, int] = (0, 1)) -> QuantumCircuit:
    circuit = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(2, "meas"), name=name)
    circuit.h(qubits[0])
    circuit.rz(Parameter("θ") if angle is None else angle, 0)
    circuit.cx(*qubits)
    circuit.measure([0, 1], [0, 1])
    return circuit


def branching(value: int, *, as_expression: bool = False) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    with circuit.if_test(expr.equal(circuit.cregs[0], value) if as_expression else (circuit.cregs[0], value)):
        circuit.x(1)
    return circuit


@pytest.mark.holds("B206")
@pytest.mark.parametrize("version", [13, 14, 15, 16, 17, 18])
def test_the_version_of_qpy_the_name_and_the_identity_of_parameters_do_not_count(version: int) -> None:
    other = bell("another name")
    other.metadata = {"run": version}
    assert sketch_circuits(encode(other, version)) == sketch_circuits(encode(bell("a name")))


@pytest.mark.holds("B206")
@pytest.mark.parametrize(
    "other",
    [
        bell(angle=0.5),
        bell(angle=Parameter("φ")),
        bell(qubits=(1, 0)),
        QuantumCircuit(2),
        QuantumCircuit(3, global_phase=1.0),
        branching(1),
        branching(2),
        branching(1, as_expression=True),
        branching(2, as_expression=True),
    ],
)
def test_what_is_run_counts(other: QuantumCircuit) -> None:
    sketch = sketch_circuits(encode(other))
    assert sketch is not None
    alike = [bell(), bell(angle=0.25), branching(3), branching(3, as_expression=True)]
    assert sketch not in {sketch_circuits(encode(circuit)) for circuit in alike}
    assert sketch == sketch_circuits(encode(other.copy("copy")))


def waiting(duration: Any, unit: str | None) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.delay(duration, 0, unit)
    return circuit


def stretching(factor: int) -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.delay(expr.mul(factor, circuit.add_stretch("gap")), 0)
    return circuit


@pytest.mark.holds("B206")
def test_durations_of_delays_count_and_identities_in_them_do_not() -> None:
    made: list[Callable[[], QuantumCircuit]] = [
        lambda: waiting(5, "dt"),
        lambda: waiting(Parameter("t"), "dt"),
        lambda: waiting(expr.lift(Duration.us(1.5)), None),
        lambda: waiting(expr.lift(Duration.ns(1.5)), None),
        lambda: stretching(2),
        lambda: stretching(3),
    ]
    sketches = [sketch_circuits(encode(build())) for build in made]
    assert None not in sketches
    assert len(set(sketches)) == len(made)
    assert sketches == [sketch_circuits(encode(build())) for build in made]


def test_a_delay_that_has_lost_its_unit_has_no_sketch() -> None:
    assert sketch_circuits(encode(waiting(1.5, "us"))) is None


@pytest.mark.holds("B206")
def test_several_circuits_count_in_their_order() -> None:
    def written(*circuits: QuantumCircuit) -> str | None:
        buffer = io.BytesIO()
        qpy.dump(circuits, buffer)
        return sketch_circuits(buffer.getvalue())

    assert written(bell(), waiting(5, "dt")) == written(bell("x"), waiting(5, "dt"))
    assert written(bell(), waiting(5, "dt")) != written(waiting(5, "dt"), bell())
    assert written(bell()) == sketch_circuits(encode(bell()))


def noted(*annotations: Annotation) -> str | None:
    circuit = QuantumCircuit(1)
    with circuit.box(annotations):
        circuit.x(0)
    buffer = io.BytesIO()
    qpy.dump(circuit, buffer, annotation_factories={"samplomatic": AnnotationSerializer})
    return sketch_circuits(buffer.getvalue())


@pytest.mark.holds("B369")
def test_annotations_of_boxes_count() -> None:
    assert noted(Twirl()) == noted(Twirl())
    sketches = [noted(), noted(Twirl()), noted(Twirl(dressing="right")), noted(Twirl(), Tag("a")), noted(Tag("b"))]
    assert None not in sketches
    assert len(set(sketches)) == len(sketches)


@pytest.mark.holds("B206")
def test_what_cannot_be_read_has_no_sketch() -> None:
    encoded = encode(bell())
    for broken in (b"", b"QISKIT", encoded[:-20], b"QISKIT\x63" + encoded[7:]):
        assert sketch_circuits(broken) is None


def box_on(*qubits: int) -> bytes:
    """Return the circuit of a box as a noise learner sends it: on the qubits of the device that it needs alone."""
    whole = QuantumCircuit(QuantumRegister(5, "q"))
    with whole.box([Twirl(), Tag("layer")]):
        whole.cz(*qubits)
    (box,) = whole.data
    buffer = io.BytesIO()
    circuit = QuantumCircuit([bit for bit in whole.qubits if bit in box.qubits])
    circuit.append(box)
    qpy.dump(circuit, buffer, version=17, annotation_factories={"samplomatic": AnnotationSerializer})
    return buffer.getvalue()


@pytest.mark.holds("B206")
def test_boxes_on_other_qubits_of_the_device_are_others() -> None:
    assert sketch_circuits(box_on(0, 1)) == sketch_circuits(box_on(0, 1))
    assert len({sketch_circuits(box_on(*pair)) for pair in ((0, 1), (1, 0), (2, 3), (0, 3))}) == 4
