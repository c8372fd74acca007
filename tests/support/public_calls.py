"""Public calls that both clients have, by name: calls that may fail on the way, and calls that fail by themselves.

It knows neither client, so that it can be run beside each: which one is handed in, and so is the way to open a service.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

FAST, SLOW = "ibm_fast", "ibm_slow"
"""What a job is done on at once, and what it waits on for ever."""
UNDESCRIBED = "undescribed"
"""A way on which nothing fails but what describes a backend."""


NOWHERE = "d0123456789abcdefghi"
"""What an id looks like."""


UNLISTED = "unlisted"
"""A way on which nothing fails but what lists or describes backends."""
UNCALIBRATED = "uncalibrated"
"""A way on which nothing fails but what tells calibrations."""


class Held(NamedTuple):
    """What calls need, made while all goes well."""

    client: Any
    """The package whose calls are made."""
    open: Callable[..., Any]
    """Opens a service, with further arguments; `way` is a word in the path of its requests."""
    crn: str
    folder: Path
    """Where account files are."""
    fresh: Any
    """A service that nothing was asked of."""
    undescribed: Any
    """Another one, on the way on which backends are listed only."""
    backend: Any
    """One of which all is known."""
    unlisted: Any
    """A service on the way on which only jobs and sessions are told."""
    uncalibrated: Any
    """A service on the way on which all is told but calibrations."""
    circuit: Any
    sampler: Any
    """One that has submitted a job already."""
    untouched: Any
    """A backend of which nothing was asked."""
    waiting: Any
    """A job that waits."""
    unread: Any
    """A job that is done, of which this is not known yet."""
    done: Any
    """A job that is known to be done, and whose result was not read."""
    doomed: Any
    """A job that is there to be cancelled."""
    forgotten: Any
    """A job that is there to be deleted."""
    session: Any
    closing: Any
    """A session that is there to be closed."""
    ending: Any
    """A session that is there to be cancelled."""


Do = Callable[[Held], object]


def hold(client: Any, open_service: Callable[..., Any], crn: str, folder: Path) -> Held:
    """Make all that calls need."""
    service = open_service(instance=crn)
    fast, slow = service.backend(FAST), service.backend(SLOW)
    written = QuantumCircuit(1)
    written.x(0)
    written.measure_all()
    circuit = generate_preset_pass_manager(0, backend=fast).run(written)
    sampler = client.SamplerV2(mode=fast)
    unread, done = (sampler.run([circuit]) for _ in range(2))
    done.wait_for_final_state()
    return Held(
        client=client,
        open=open_service,
        crn=crn,
        folder=folder,
        fresh=open_service(instance=crn),
        undescribed=open_service(instance=crn, way=UNDESCRIBED),
        backend=fast,
        unlisted=open_service(instance=crn, way=UNLISTED),
        uncalibrated=open_service(instance=crn, way=UNCALIBRATED),
        circuit=circuit,
        sampler=sampler,
        untouched=open_service(instance=crn).backend(FAST),
        waiting=client.SamplerV2(mode=slow).run([circuit]),
        unread=unread,
        done=done,
        doomed=client.SamplerV2(mode=slow).run([circuit]),
        forgotten=sampler.run([circuit]),
        session=client.Session(fast),
        closing=client.Session(fast),
        ending=client.Session(fast),
    )


AT_TOKENS: dict[str, Do] = {
    "`QiskitRuntimeService()`, at the token service": lambda held: held.open(),
}
"""Calls that meet what fails at the token service."""

ON_THE_WAY: dict[str, Do] = {
    "`QiskitRuntimeService()`, at the search": lambda held: held.open(),
    "`QiskitRuntimeService(instance=name)`": lambda held: held.open(instance="instance-1"),
    "`QiskitRuntimeService(instance=crn)`": lambda held: held.open(instance=held.crn),
    "`service.instances()`": lambda held: held.fresh.instances(),
    "`service.usage()`": lambda held: held.fresh.usage(),
    "`service.backends()`": lambda held: held.fresh.backends(),
    "`service.least_busy()`": lambda held: held.fresh.least_busy(),
    "`service.backend(name)`": lambda held: held.fresh.backend(FAST),
    "`service.backend(name)`, at its configuration": lambda held: held.undescribed.backend(FAST),
    "`service.backend(name, calibration_id=id)`, at its configuration": lambda held: held.undescribed.backend(
        FAST, calibration_id="earlier"
    ),
    "`backend.properties()`": lambda held: held.untouched.properties(refresh=True),
    "`backend.status()`": lambda held: held.untouched.status(),
    "`backend.target_history()`": lambda held: held.untouched.target_history(),
    "`backend.refresh()`": lambda held: held.untouched.refresh(),
    "`sampler.run(pubs)`": lambda held: held.sampler.run([held.circuit]),
    "`service.jobs()`": lambda held: held.fresh.jobs(),
    "`service.job(id)`": lambda held: held.fresh.job(held.waiting.job_id()),
    "`service.delete_job(id)`": lambda held: held.fresh.delete_job(held.forgotten.job_id()),
    "`job.status()`": lambda held: held.waiting.status(),
    "`job.error_message()`": lambda held: held.waiting.error_message(),
    "`job.wait_for_final_state()`": lambda held: held.unread.wait_for_final_state(),
    "`job.result()`": lambda held: held.unread.result(),
    "`job.result()`, at the result": lambda held: held.done.result(),
    "`job.metrics()`": lambda held: held.done.metrics(),
    "`job.usage()`": lambda held: held.done.usage(),
    "`job.logs()`": lambda held: held.done.logs(),
    "`job.inputs`": lambda held: held.done.inputs,
    "`job.properties()`": lambda held: held.done.properties(),
    "`service.job(id).backend()`, at the backend": lambda held: held.unlisted.job(held.done.job_id()).backend(),
    "`service.job(id).properties()`, at the backend": lambda held: held.unlisted.job(held.done.job_id()).properties(),
    "`service.job(id).properties()`, at the calibration": lambda held: held.uncalibrated.job(
        held.done.job_id()
    ).properties(),
    "`job.update_tags(tags)`": lambda held: held.waiting.update_tags(["a"]),
    "`job.cancel()`": lambda held: held.doomed.cancel(),
    "`Session(backend)`": lambda held: held.client.Session(held.backend),
    "`Session.from_id(id, service)`, at the session": lambda held: held.client.Session.from_id(
        held.session.session_id, held.fresh
    ),
    "`Session.from_id(id, service)`, at the backend": lambda held: held.client.Session.from_id(
        held.session.session_id, held.unlisted
    ),
    "`session.details()`": lambda held: held.session.details(),
    "`session.status()`": lambda held: held.session.status(),
    "`session.usage()`": lambda held: held.session.usage(),
    "`session.close()`": lambda held: held.closing.close(),
    "`session.cancel()`": lambda held: held.ending.cancel(),
}
"""Calls that meet what fails anywhere else."""


def service_of(held: Held) -> Any:
    """Return the class of the service."""
    return held.client.QiskitRuntimeService


def fresh(held: Held) -> Any:
    """Open a service of its own: that of the other client may go elsewhere after a call that fails."""
    return held.open(instance=held.crn)


def text_file(held: Held, text: str) -> str:
    """Write a file, and return its path."""
    path = held.folder / f"{len([*held.folder.iterdir()])}.json"
    path.write_text(text)
    return str(path)


def file_with(held: Held, **entries: Any) -> str:
    """Write a file of accounts, and return its path."""
    return text_file(held, json.dumps(entries))


def account_of(held: Held, **fields: Any) -> dict[str, Any]:
    """Return an entry of a file of accounts."""
    return {
        "channel": "ibm_quantum_platform",
        "url": "https://cloud.ibm.com",
        "token": "t",
        "instance": held.crn,
    } | fields


def no_json(held: Held) -> str:
    """Write a file that is none of accounts, and return its path."""
    return text_file(held, "{nope")


def save(held: Held, **arguments: Any) -> object:
    """Save an account, in a file of its own unless another is named."""
    return service_of(held).save_account(**{"token": "t", "filename": file_with(held)} | arguments)


def cancelled(held: Held) -> Any:
    """Return a job that was cancelled."""
    held.doomed.cancel()
    return held.doomed


BY_THEMSELVES: dict[str, Do] = {
    "`save_account()` without a token": lambda held: service_of(held).save_account(filename=file_with(held)),
    "`save_account(channel='ibm_clowd')`": lambda held: save(held, channel="ibm_clowd"),
    "`save_account(proxies={'url': 'x'})`": lambda held: save(held, proxies={"url": "x"}),
    "`save_account()` of a name that is taken": lambda held: save(
        held, name="mine", filename=file_with(held, mine=account_of(held))
    ),
    "`save_account()` in a file that is no JSON": lambda held: save(held, filename=no_json(held)),
    "`save_account()` in a folder": lambda held: save(held, filename=str(held.folder)),
    "`saved_accounts(channel='ibm_clowd')`": lambda held: service_of(held).saved_accounts(
        channel="ibm_clowd", filename=file_with(held, mine=account_of(held))
    ),
    "`saved_accounts(filename=5)`": lambda held: service_of(held).saved_accounts(filename=5),
    "`saved_accounts()` of a file that is no JSON": lambda held: service_of(held).saved_accounts(
        filename=no_json(held)
    ),
    "`delete_account(channel='ibm_clowd')`": lambda held: service_of(held).delete_account(
        channel="ibm_clowd", filename=file_with(held, mine=account_of(held))
    ),
    "`delete_account()` in a file that is no JSON": lambda held: service_of(held).delete_account(
        filename=no_json(held)
    ),
    "`QiskitRuntimeService(name=…)` of a name that is not there": lambda held: service_of(held)(
        name="yours", filename=file_with(held, mine=account_of(held))
    ),
    "`QiskitRuntimeService()` of a file without an account": lambda held: service_of(held)(filename=file_with(held)),
    "`QiskitRuntimeService()` of a file that is no JSON": lambda held: service_of(held)(filename=no_json(held)),
    "`QiskitRuntimeService(name=…)` of a retired channel": lambda held: service_of(held)(
        name="old", filename=file_with(held, old=account_of(held, channel="ibm_quantum"))
    ),
    "`QiskitRuntimeService(channel='ibm_quantum')`": lambda held: held.open(channel="ibm_quantum"),
    "`QiskitRuntimeService(channel='ibm_clowd')`": lambda held: held.open(channel="ibm_clowd"),
    "`QiskitRuntimeService(token='')`": lambda held: held.open(token=""),
    "`QiskitRuntimeService(token=5)`": lambda held: held.open(token=5),
    "`QiskitRuntimeService(token=…)` of a key that is not known": lambda held: held.open(token="unknown"),
    "`QiskitRuntimeService(instance='crn:v1')`": lambda held: held.open(instance="crn:v1"),
    "`QiskitRuntimeService(instance=…)` of a name that is not there": lambda held: held.open(instance="nowhere"),
    "`QiskitRuntimeService(region='mars')`": lambda held: held.open(region="mars"),
    "`QiskitRuntimeService(tags=…)` that no instance has": lambda held: held.open(tags=["nobody"]),
    "`QiskitRuntimeService(url_resolver=…).usage()`, of a resolver that returns no text": lambda held: held.open(
        instance=held.crn, url_resolver=lambda *_: 5
    ).usage(),
    "`service.usage(instance=5)`": lambda held: fresh(held).usage(5),
    "`service.backends(min_num_qubits='5')`": lambda held: fresh(held).backends(min_num_qubits="5"),
    "`service.backends(instance='nowhere')`": lambda held: fresh(held).backends(instance="nowhere"),
    "`service.backends(filters=5)`": lambda held: fresh(held).backends(filters=5),
    "`service.backends(num_qubitts=5)`": lambda held: fresh(held).backends(num_qubitts=5),
    "`service.backends(name)` of a name that is not there": lambda held: fresh(held).backends("ibm_nowhere"),
    "`service.least_busy(min_num_qubits=999)`": lambda held: fresh(held).least_busy(min_num_qubits=999),
    "`service.backend(name)` of a name that is not there": lambda held: fresh(held).backend("ibm_nowhere"),
    "`service.backend(5)`": lambda held: fresh(held).backend(5),
    "`service.backend(use_fractional_gates=True)` without such gates": lambda held: fresh(held).backend(
        FAST, use_fractional_gates=True
    ),
    "`backend.properties(datetime=5)`": lambda held: held.untouched.properties(datetime=5),
    "`backend.qubit_properties(99)`": lambda held: held.untouched.qubit_properties(99),
    "`backend.run(circuit)`": lambda held: held.untouched.run(held.circuit),
    "`SamplerV2(mode=5)`": lambda held: held.client.SamplerV2(mode=5),
    "`SamplerV2(options={'no': 1})`": lambda held: held.client.SamplerV2(mode=held.untouched, options={"no": 1}),
    "`sampler.run([])`": lambda held: held.sampler.run([]),
    "`sampler.run(5)`": lambda held: held.sampler.run(5),
    "`sampler.run(pubs, shots=-1)`": lambda held: held.sampler.run([held.circuit], shots=-1),
    "`sampler.run(pubs)` of a circuit that is not transpiled": lambda held: held.sampler.run([untranspiled()]),
    "`service.jobs(limit='5')`": lambda held: fresh(held).jobs(limit="5"),
    "`service.jobs(instance=5)`": lambda held: fresh(held).jobs(instance=5),
    "`service.jobs(job_tags='a')`": lambda held: fresh(held).jobs(job_tags="a"),
    "`service.jobs(created_after=5)`": lambda held: fresh(held).jobs(created_after=5),
    "`service.job(id)` of an id that is not there": lambda held: fresh(held).job(NOWHERE),
    "`service.job(5)`": lambda held: fresh(held).job(5),
    "`service.delete_job(id)` of an id that is not there": lambda held: fresh(held).delete_job(NOWHERE),
    "`service.delete_job(5)`": lambda held: fresh(held).delete_job(5),
    "`job.update_tags('abc')`": lambda held: held.waiting.update_tags("abc"),
    "`job.result(timeout=1)` of a job that waits": lambda held: held.waiting.result(timeout=1),
    "`job.result()` of a cancelled job": lambda held: cancelled(held).result(),
    "`job.cancel()` of a job that is done": lambda held: held.done.cancel(),
    "`job.result(decoder=5)`": lambda held: held.done.result(decoder=5),
    "`Session(backend=5)`": lambda held: held.client.Session(backend=5),
    "`Session(backend, max_time='soon')`": lambda held: held.client.Session(held.untouched, max_time="soon"),
    "`Session.from_id(id, service)` of an id that is not there": lambda held: held.client.Session.from_id(
        "nowhere", fresh(held)
    ),
    "`Batch.from_id(id, service)` of a session": lambda held: held.client.Batch.from_id(
        held.session.session_id, fresh(held)
    ),
    "`sampler.run(pubs)` in a closed session": lambda held: run_closed(held),
}
"""Calls that fail though all goes well on the way."""


def untranspiled() -> QuantumCircuit:
    """Return a circuit that no backend takes as it is."""
    circuit = QuantumCircuit(1)
    circuit.h(0)
    circuit.measure_all()
    return circuit


def run_closed(held: Held) -> object:
    """Run in a session that is closed."""
    sampler = held.client.SamplerV2(mode=held.closing)
    held.closing.close()
    return sampler.run([held.circuit])


def names_of(error: BaseException | None, known: Callable[[type], bool]) -> list[list[str]]:
    """Return by which names an error is caught: the narrowest of them, and all.

    Args:
        error: What was raised, if anything was.
        known: Whether a class is one that users can name.
    """
    kinds = [kind for kind in type(error).__mro__[: -len(BARE)] if known(kind)] if isinstance(error, Exception) else []
    least = [kind for kind in kinds if not any(issubclass(other, kind) for other in kinds if other is not kind)]
    return [sorted(kind.__name__ for kind in found) for found in (least, kinds)]


BARE = (Exception, BaseException, object)
"""What every error is."""


def raised_by(do: Do, held: Held) -> Exception | None:
    """Return what a call raises."""
    try:
        do(held)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
        return error
    return None
