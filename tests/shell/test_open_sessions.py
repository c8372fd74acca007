"""In the block of a session, what runs jobs uses it: that of its own thread or task, and no other's."""

import asyncio
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.primitives.containers import PrimitiveResult

from qiskit_runtime_service import (
    Batch,
    Calibrator,
    EstimatorV2,
    Executor,
    IBMBackend,
    NoiseLearnerV2,
    NoiseLearnerV3,
    QiskitRuntimeService,
    SamplerV2,
    Session,
    executor_estimator,
    executor_noise_learner,
    executor_sampler,
)
from qiskit_runtime_service.exceptions import IBMInputValueError, IBMRuntimeError
from qiskit_runtime_service.fake_provider import FakeManilaV2
from qiskit_runtime_service.testing import EmulatedTransport, build_world, instance, line_device

from .clouds import bell, open_service

RUNNERS: dict[str, Callable[..., Any]] = {
    "SamplerV2": SamplerV2,
    "EstimatorV2": EstimatorV2,
    "NoiseLearnerV2": NoiseLearnerV2,
    "NoiseLearnerV3": NoiseLearnerV3,
    "Calibrator": Calibrator,
    "Executor": Executor,
    "executor_sampler.SamplerV2": executor_sampler.SamplerV2,
    "executor_estimator.EstimatorV2": executor_estimator.EstimatorV2,
    "executor_noise_learner.NoiseLearnerV3": executor_noise_learner.NoiseLearnerV3,
}


@pytest.fixture
def made() -> tuple[EmulatedTransport, IBMBackend, IBMBackend]:
    """A cloud, and two backends of one instance."""
    devices = [line_device("ibm_one", 5), line_device("ibm_two", 5)]
    service, cloud = open_service(build_world(instance("main", plan="premium", devices=devices)))
    return cloud, service.backend("ibm_one"), service.backend("ibm_two")


def quietly(make: Callable[..., Any], **arguments: Any) -> Any:
    """Make something without what it says of itself: a learner that is deprecated, a backend in a session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(**arguments)


Made = tuple[EmulatedTransport, IBMBackend, IBMBackend]


@pytest.mark.holds("B480")
@pytest.mark.parametrize("kind", [Session, Batch])
@pytest.mark.parametrize("name", RUNNERS)
def test_what_runs_jobs_takes_the_open_session(name: str, kind: type[Session], made: Made) -> None:
    _, backend, _ = made
    with kind(backend) as session:
        runner = quietly(RUNNERS[name])
        assert (runner.mode, runner.backend()) == (session, backend)
        assert quietly(RUNNERS[name], mode=backend).mode is session
    with pytest.raises(IBMInputValueError, match="mode is not given"):
        quietly(RUNNERS[name])
    assert quietly(RUNNERS[name], mode=backend).mode is None
    # What was made in the block stays in its session, which takes no more jobs.
    assert runner.mode is session
    assert session.closed


@pytest.mark.holds("B480")
def test_a_job_is_submitted_to_the_open_session(made: Made) -> None:
    _, backend, _ = made
    with Batch(backend) as batch:
        job = SamplerV2().run([bell(backend)], shots=8)
        assert job.session_id == batch.session_id
        other = backend.service.run_program("executor", {}, None)  # as users may leave it
        assert other.session_id == batch.session_id
    assert SamplerV2(backend).run([bell(backend)], shots=8).session_id is None


@pytest.mark.holds("B480")
def test_the_local_channel_has_open_sessions_too() -> None:
    backend = QiskitRuntimeService(channel="local").backend("fake_manila")
    with Session(backend) as session:
        job = SamplerV2().run([bell(backend)], shots=8)
        assert job.session_id == session.session_id is not None
        assert isinstance(job.result(), PrimitiveResult)


@pytest.mark.holds("B480")
def test_a_backend_of_the_open_session_is_said_once_to_run_in_it(made: Made) -> None:
    _, backend, _ = made
    again = backend.service.backend(backend.name)
    with Session(backend) as session:
        with pytest.warns(UserWarning, match=f"Jobs on ibm_one run in <Session '{session.session_id}' on 'ibm_one'>"):
            assert SamplerV2(mode=backend).mode is session
        # Warnings are errors here, so that nothing more is said.
        assert SamplerV2(mode=again).mode is session
        assert EstimatorV2(again).mode is session
        assert SamplerV2(mode=session).mode is session
    with Session(backend), pytest.warns(UserWarning, match="run in <Session"):
        SamplerV2(mode=backend)


@pytest.mark.holds("B480")
def test_another_backend_than_that_of_the_open_session_is_refused(made: Made) -> None:
    _, backend, other = made
    with Session(backend) as session:
        fractional = backend.service.backend(backend.name, use_fractional_gates=None)
        for given_ in (other, fractional):
            with pytest.raises(IBMInputValueError, match="left out in the block of <Session"):
                SamplerV2(mode=given_)
            with pytest.raises(ValueError, match="mode"):
                Executor(mode=given_)
        with Batch(other) as inner:
            assert SamplerV2(mode=session).mode is session
            assert SamplerV2().mode is inner


@pytest.mark.holds("B480")
def test_a_backend_that_no_service_has_runs_in_this_process_whatever_is_open(made: Made) -> None:
    _, backend, _ = made
    fake = FakeManilaV2()
    with Session(backend):
        assert SamplerV2(mode=fake).mode is None
    with Session(fake) as session:
        sampler = SamplerV2()
        assert (sampler.mode, sampler.backend()) == (session, fake)
        assert SamplerV2(mode=fake).mode is None
        with pytest.raises(IBMInputValueError, match="left out in the block"):
            SamplerV2(mode=backend)


@pytest.mark.holds("B480")
def test_a_session_that_is_closed_in_its_block_takes_no_jobs_and_none_goes_elsewhere(made: Made) -> None:
    cloud, backend, _ = made
    circuit = bell(backend)
    with Session(backend) as session:
        session.close()
        since = len(cloud.ledger)
        with pytest.raises(IBMRuntimeError, match="closed"):
            SamplerV2().run([circuit])
        assert len(cloud.ledger) == since


def opened_here() -> Session | None:
    """Return the session that what runs jobs takes here."""
    try:
        mode = SamplerV2().mode
    except IBMInputValueError:
        return None
    assert isinstance(mode, Session)
    return mode


@pytest.mark.holds("B480")
def test_a_session_by_a_stack_a_function_or_a_failed_block_is_open_as_long_as_it_is_entered() -> None:
    first, second, third = (Session(FakeManilaV2()) for _ in range(3))

    @contextmanager
    def by_a_function() -> Iterator[None]:
        with second:
            yield

    with ExitStack() as stack:
        stack.enter_context(first)
        with by_a_function():
            assert opened_here() is second
            with pytest.raises(RuntimeError), third:
                assert opened_here() is third
                raise RuntimeError
            assert opened_here() is second
        assert opened_here() is first
    assert opened_here() is None


@pytest.mark.holds("B480")
def test_a_generator_that_is_dropped_leaves_nothing_open_wherever_that_happens() -> None:
    outer = Session(FakeManilaV2())

    def steps() -> Iterator[Session | None]:
        with Session(FakeManilaV2()):
            yield opened_here()

    with outer:
        dropped = steps()
        assert next(dropped) is opened_here() is not outer
        with ThreadPoolExecutor(1) as pool:
            pool.submit(dropped.close).result()  # type: ignore[attr-defined]  # it is a generator
        assert opened_here() is outer
    assert opened_here() is None


@pytest.mark.holds("B480")
def test_a_task_that_outlives_the_block_it_began_in_has_no_session() -> None:
    async def begin() -> list[Session | None]:
        over = asyncio.Event()
        found: list[Session | None] = []

        async def work() -> None:
            found.append(opened_here())
            await over.wait()
            found.append(opened_here())

        with session:
            task = asyncio.create_task(work())
            await asyncio.sleep(0)
        over.set()
        await task
        return found

    session = Session(FakeManilaV2())
    assert asyncio.run(begin()) == [session, None]


SESSIONS = 3
LANES = 3
STEPS = st.tuples(st.integers(0, LANES - 1), st.sampled_from(["enter", "leave"]), st.integers(0, SESSIONS - 1))


class Model:
    """What should be open: in each lane the sessions that were entered there and not left, the innermost last."""

    def __init__(self) -> None:
        self.entered: list[tuple[int, int]] = []

    def take(self, lane: int, step: str, session: int) -> bool:
        """Take a step; return whether it can be taken."""
        if step == "enter":
            self.entered.append((lane, session))
            return True
        of_it = [place for place, (_, other) in enumerate(self.entered) if other == session]
        here = [place for place in of_it if self.entered[place][0] == lane]
        if not of_it:
            return False
        # One that was entered elsewhere is left there: so it is with generators that are closed by others.
        del self.entered[(here or of_it)[-1]]
        return True

    def open_in(self, lane: int) -> int | None:
        return next((session for at, session in reversed(self.entered) if at == lane), None)


def check(steps: list[tuple[int, str, int]], run: list[Callable[..., Any]]) -> None:
    sessions = [Session(FAKE) for _ in range(SESSIONS)]
    model = Model()
    for lane, step, number in steps:
        if not model.take(lane, step, number):
            continue
        session = sessions[number]
        run[lane](session.__enter__) if step == "enter" else run[lane](session.__exit__, None, None, None)
        for other in range(LANES):
            expected = model.open_in(other)
            assert run[other](opened_here) is (None if expected is None else sessions[expected])


FAKE = FakeManilaV2()


@pytest.mark.holds("B480")
@given(st.lists(STEPS, max_size=12))
def test_of_any_order_of_entering_and_leaving_each_thread_sees_its_own_alone(steps: list[tuple[int, str, int]]) -> None:
    with ExitStack() as stack:
        pools = [stack.enter_context(ThreadPoolExecutor(1)) for _ in range(LANES)]
        check(steps, [lambda do, *given_, pool=pool: pool.submit(do, *given_).result() for pool in pools])


@pytest.mark.holds("B480")
@given(st.lists(STEPS, max_size=12))
def test_of_any_order_of_entering_and_leaving_each_task_sees_its_own_alone(steps: list[tuple[int, str, int]]) -> None:
    # This is what tasks are: each has a copy of the context in which it began.
    check(steps, [copy_context().run for _ in range(LANES)])
