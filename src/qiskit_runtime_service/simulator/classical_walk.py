"""Circuits that decide while they run, followed instruction by instruction with Qiskit's semantics."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CASE_DEFAULT, CircuitInstruction
from qiskit.circuit.classical import expr
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Operator
from qiskit.transpiler import Target

from ..bridge.ledger import RefusedError
from ..bridge.readout import misreadings
from ..records.problem import NotExecutable
from .branches import Branches, TooManyBranchesError, apply, flip, join, keep, measure, misread, start, strike
from .classical_memory import Scope, View, write
from .estimates import LONGEST_RUN, Load, Ways
from .expressions import UndefinedValueError, default_of, evaluate, filled
from .lowering import as_plain_steps
from .method import Machine, Method, Noise, Run, Shots, Way, Work, seed_of
from .noise import known_noise
from .pauli_frames import error_of
from .stretches import dt_of

MOST_QUBITS = 20
"""A state vector of so many takes 16 MiB."""
MOST_AMPLITUDES = 1 << 22
"""How many amplitudes all branches may have at once; beyond, the shots are walked in halves."""
MOST_WORK = 400_000_000
"""How much one circuit may take, in amplitudes that are changed: about ten seconds."""
WORK_PER_STEP = 8000
"""What an instruction takes beside the amplitudes that it changes."""
WIDEST_GATE = 8
_NOTHING = frozenset(("barrier", "delay"))
WALK = "statevector, branch by branch"
"""The name of the method."""


def run_or_walk(
    machine: Machine, missing: Callable[[QuantumCircuit], str | None], target: Target | None, work: Work
) -> Run:
    """Run `work` with a machine, or walk through it where one of its circuits has what the machine is missing.

    Args:
        machine: What runs plain circuits.
        missing: Says what in a circuit the machine cannot run, in words; `None` if nothing.
        target: Whose gate and readout errors a walk has; `None` for a walk without noise.
        work: The circuits, lowered.

    Raises:
        RefusedError: Neither way leads to the end.

    Source: behaviour B255, B259.
    """
    work = work._replace(circuits=[measured_alike(circuit) for circuit in work.circuits])
    reason = next(filter(None, map(missing, work.circuits)), None)
    return machine(work) if reason is None else walk(target, work, reason)


def measured_alike(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with plain measurements only, if it has more qubits than a walk.

    Source: behaviour B259.
    """
    return as_plain_steps(circuit) if circuit.num_qubits > MOST_QUBITS else circuit


def ways_or_walk(ways: Ways, target: Target | None, load: Load) -> Sequence[Way]:
    """Return how a load may be simulated: in one of the `ways`, or by a walk with the errors of `target`.

    A walk of w qubits, n instructions and s shots takes n (1e-4 + 2e-8 s 2^w) seconds, and never more than ten: its
    work is bounded.

    Source: behaviour B250, B257.
    """
    if not load.walks:
        return ways(load)
    noise: Noise = "none" if target is None else "all" if is_ideal(target) else "pauli"
    each = min(LONGEST_RUN, load.operations * (1e-4 + 2e-8 * load.shots * 2.0**load.width))
    return [Way(Method(WALK, noise), load.circuits * each, 64.0 * MOST_AMPLITUDES)]


def walk(target: Target | None, work: Work, reason: str = "this circuit", *, most_work: int = MOST_WORK) -> Run:
    """Run circuits with all that Qiskit lets them decide by, on state vectors of shots that went the same way.

    Gates fail with random Paulis and bits are misread as the device tells; if that takes too long, there is no noise.

    Args:
        target: Whose errors there are; `None` for none.
        work: What to run.
        reason: What in it needs a walk.
        most_work: How much each circuit may take, in amplitudes that are changed.

    Raises:
        RefusedError: There are too many qubits, a loop that does not end, an expression without a value, or an
            instruction that nobody defines.

    Source: behaviour B255, B256, B257.
    """
    if len(work.active) > MOST_QUBITS:
        words = f"{reason} is simulated on up to {MOST_QUBITS} active qubits, and there are {len(work.active)}"
        raise RefusedError(NotExecutable(pub=work.pub, reason=words, fix="Take fewer qubits, or take it out"))
    exact = target is not None and is_ideal(target)
    ways: list[tuple[Noise, Target | None]] = [("all" if exact else "none", None)]
    if target is not None and not exact:
        ways.insert(0, ("pauli", target))
    for noise, errors in ways:
        try:
            runs = [
                _Circuit(circuit, errors, work, index, most_work).sample()
                for index, circuit in enumerate(work.circuits)
            ]
        except _TooLongError as stopped:
            # Without noise there are fewer branches, but as many instructions.
            if stopped.steps * WORK_PER_STEP > most_work // 2:
                break
            continue
        except ArithmeticError as undefined:
            fix = "Change the expression, or give it other values"
            raise RefusedError(NotExecutable(pub=work.pub, reason=str(undefined), fix=fix)) from None
        return Run(runs, Method(WALK, noise))
    steps = most_work // WORK_PER_STEP
    words = f"the circuit has not ended after {most_work} changed amplitudes, which are {steps} instructions at most"
    fix = "Bound its loops, or take fewer shots or qubits"
    raise RefusedError(NotExecutable(pub=work.pub, reason=words, fix=fix))


def is_ideal(target: Target) -> bool:
    """Tell whether a device says nothing of any error."""
    return not known_noise(target, range(target.num_qubits or 0))


class _TooLongError(Exception):
    """More work than is allowed, after so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__(steps)
        self.steps = steps


class _Flow(NamedTuple):
    """Where the branches are behind a block."""

    on: Branches
    broken: Sequence[Branches] = ()
    """Those that leave the loop."""
    continued: Sequence[Branches] = ()
    """Those that begin the next round of it."""


class _Circuit:
    """One circuit, and the dice, the work and the matrices of its walk."""

    def __init__(self, circuit: QuantumCircuit, target: Target | None, work: Work, index: int, most_work: int) -> None:
        self.circuit, self.target, self.work, self.index = circuit, target, work, index
        self.dt = dt_of(target)
        self.left = most_work
        self.steps = 0
        self.matrices: dict[object, NDArray[Any]] = {}
        self.die = np.random.default_rng(0)

    def sample(self) -> Shots:
        """Return the outcome of each shot, in random order."""
        ends = self._walk_shots(self.work.shots, ())
        shots = np.concatenate([shots for _, shots in ends])
        which = np.repeat(np.arange(len(shots)), shots)
        return Shots(np.concatenate([bits for bits, _ in ends]), self.die.permutation(which))

    def _walk_shots(self, shots: int, path: tuple[int, ...]) -> list[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
        """Return outcomes and how often each was seen; in halves, if all at once have too many branches."""
        self.die = np.random.default_rng(seed_of(self.work.seed, self.index, *path))
        circuit = self.circuit
        scope = Scope(range(circuit.num_qubits), {bit: place for place, bit in enumerate(circuit.clbits)})
        try:
            end = self._run(circuit, scope, start(circuit.num_qubits, circuit.num_clbits, shots)).on
        except TooManyBranchesError:
            half = shots // 2
            return self._walk_shots(half, (*path, 0)) + self._walk_shots(shots - half, (*path, 1))
        return [(end.bits, end.shots)]

    def _run(self, block: QuantumCircuit, scope: Scope, branches: Branches) -> _Flow:
        """Walk through a block."""
        place = {qubit: position for position, qubit in enumerate(block.qubits)}
        size = len(branches.shots)
        own = {
            variable: filled(variable.type, default_of(variable.type), size) for variable in block.iter_declared_vars()
        }
        on = branches._replace(variables={**branches.variables, **own})
        broken: list[Branches] = []
        continued: list[Branches] = []
        for step in block.data:
            self._work_on(on)
            match step.name:
                case "break_loop":
                    broken.append(on)
                    on = keep(on, np.empty(0, np.intp))
                case "continue_loop":
                    continued.append(on)
                    on = keep(on, np.empty(0, np.intp))
                case _ if step.is_control_flow():
                    flow = self._decide(step, scope, place, on)
                    on = flow.on
                    broken += flow.broken
                    continued += flow.continued
                case _:
                    on = self._act(step, scope, place, on)
            if not len(on.shots):
                break
        return _Flow(
            _without(on, own), [_without(part, own) for part in broken], [_without(part, own) for part in continued]
        )

    def _work_on(self, branches: Branches) -> None:
        self.steps += 1
        self._spend(branches.states.size + WORK_PER_STEP)
        if branches.states.size > MOST_AMPLITUDES and branches.shots.sum() > 1:
            raise TooManyBranchesError

    def _spend(self, work: int) -> None:
        self.left -= work
        if self.left < 0:
            raise _TooLongError(self.steps)

    # What decides

    def _decide(self, step: CircuitInstruction, scope: Scope, place: Mapping[Any, int], on: Branches) -> _Flow:
        operation = step.operation

        def run(body: QuantumCircuit, branches: Branches) -> _Flow:
            return self._run(body, scope.inside(body, step, place), branches)

        match step.name:
            case "if_else":
                chosen = self._holds(operation.condition, scope, on)
                bodies = zip(operation.blocks, (chosen, ~chosen), strict=False)
                flows = [run(body, keep(on, rows)) for body, rows in bodies if rows.any()]
                rest = [keep(on, ~chosen)] if len(operation.blocks) == 1 else []
                return _together(flows, rest or [keep(on, np.empty(0, np.intp))])
            case "switch_case":
                return self._switch(operation, scope, on, run)
            case "for_loop":
                return self._repeat(operation, on, run)
            case "while_loop":
                ended: list[Branches] = []
                while len(on.shots):
                    self._work_on(on)
                    going = self._holds(operation.condition, scope, on)
                    ended.append(keep(on, ~going))
                    on = keep(on, going)
                    if len(on.shots):
                        flow = run(operation.blocks[0], on)
                        ended += flow.broken
                        on = join((flow.on, *flow.continued))
                return _Flow(join((on, *ended)))
            case "box":
                return run(operation.body, on)
            case name:
                raise UndefinedValueError(f"instruction {name!r} is not known here")

    def _holds(self, condition: Any, scope: Scope, on: Branches) -> NDArray[np.bool_]:
        node = condition if isinstance(condition, expr.Expr) else expr.lift_legacy_condition(condition)
        return np.asarray(evaluate(node, View(on, scope, self.dt)), bool)

    def _switch(
        self, operation: Any, scope: Scope, on: Branches, run: Callable[[QuantumCircuit, Branches], _Flow]
    ) -> _Flow:
        values = evaluate(expr.lift(operation.target), View(on, scope, self.dt))
        open_still = np.ones(len(values), bool)
        flows = []
        for cases, body in operation.cases_specifier():
            matches = np.fromiter((CASE_DEFAULT in cases or value in cases for value in values), bool, len(values))
            met = open_still & matches
            open_still &= ~met
            if met.any():
                flows.append(run(body, keep(on, met)))
        return _together(flows, [keep(on, open_still)])

    def _repeat(self, operation: Any, on: Branches, run: Callable[[QuantumCircuit, Branches], _Flow]) -> _Flow:
        indices, parameter, body = operation.params
        ended: list[Branches] = []
        variable = parameter if isinstance(parameter, expr.Var) else None
        if variable is not None and variable in on.variables:
            raise UndefinedValueError(f"a 'for_loop' counts with {variable.name!r}, which is a variable outside of it")
        for index in indices:
            if not len(on.shots):
                break
            self._work_on(on)
            if variable is not None:
                given = filled(variable.type, index, len(on.shots))
                on = on._replace(variables={**on.variables, variable: given})
                flow = run(body, on)
            else:
                flow = run(body if parameter is None else body.assign_parameters({parameter: index}), on)
            ended += flow.broken
            on = join((flow.on, *flow.continued))
        names = () if variable is None else (variable,)
        return _Flow(join([_without(part, names) for part in (on, *ended)]))

    # What acts

    def _act(self, step: CircuitInstruction, scope: Scope, place: Mapping[Any, int], on: Branches) -> Branches:
        """Let an instruction act that decides nothing."""
        qubits = [scope.qubits[place[qubit]] for qubit in step.qubits]
        if step.name in _NOTHING:
            return on
        if step.name == "store":
            return self._store(step.operation, scope, on)
        if step.name.startswith("measure") and len(step.clbits) == 1:
            on, found = measure(on, qubits[0], self.die)
            on, read = misread(on, found, self._misreading(step.name, qubits[0]), self.die)
            on.bits[:, scope.clbits[step.clbits[0]]] = read
            return on
        if step.name == "reset":
            on, found = measure(on, qubits[0], self.die)
            flip(on.states, qubits[0], found)
        elif qubits:
            matrix = self._matrix_of(step)
            self._spend(on.states.size * (int(np.count_nonzero(matrix)) >> len(qubits)))
            on = on._replace(states=apply(on.states, matrix, qubits))
        error = self._error(step.name, qubits)
        room = MOST_AMPLITUDES // on.states.shape[1]
        return strike(on, qubits, error, self.die, room=room) if error else on

    def _misreading(self, name: str, qubit: int) -> tuple[float, float]:
        """Return how often a 0 and a 1 are misread."""
        if self.target is None:
            return 0.0, 0.0
        return misreadings(self.target, [self.work.active[qubit]], name)[0]

    def _error(self, name: str, qubits: Sequence[int]) -> float:
        where = tuple(self.work.active[qubit] for qubit in qubits)
        return 0.0 if self.target is None else error_of(self.target, name, where)

    def _matrix_of(self, step: CircuitInstruction) -> NDArray[Any]:
        key = (step.name, *step.params) if step.is_standard_gate() else None
        if key is None or key not in self.matrices:
            if len(step.qubits) > WIDEST_GATE:
                raise UndefinedValueError(
                    f"instruction {step.name!r} has {len(step.qubits)} qubits, more than {WIDEST_GATE}"
                )
            try:
                matrix = np.asarray(Operator(step.operation).data)
            except QiskitError:
                raise UndefinedValueError(f"instruction {step.name!r} is not defined") from None
            if key is None:
                return matrix
            self.matrices[key] = matrix
        return self.matrices[key]

    def _store(self, operation: Any, scope: Scope, on: Branches) -> Branches:
        view = View(on, scope, self.dt)
        return write(view, operation.lvalue, evaluate(operation.rvalue, view))


def _together(flows: Sequence[_Flow], rest: Sequence[Branches]) -> _Flow:
    """Return where all branches are behind one of several bodies, or behind none."""
    broken = [part for flow in flows for part in flow.broken]
    continued = [part for flow in flows for part in flow.continued]
    return _Flow(join([*(flow.on for flow in flows), *rest]), broken, continued)


def _without(branches: Branches, names: Any) -> Branches:
    """Return the branches without some variables, which end with their block."""
    if not names:
        return branches
    return branches._replace(variables={name: held for name, held in branches.variables.items() if name not in names})
