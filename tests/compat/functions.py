"""What functions and classes beside the documented calls answer, whichever client has them.

Run where IBM's client is installed: reads from stdin circuits that the other wrote; prints what was answered, by name,
"refused" for an error, what it reads of the circuits, and what it writes itself.
"""

import base64
import copy
import io
import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import partial
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any

from qiskit import QuantumCircuit, qpy
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister, Qubit
from qiskit.circuit.library import CRXGate, RXGate, RXXGate, RZGate, RZZGate, U1Gate, UGate, XGate
from qiskit.exceptions import QiskitError
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

ANGLE = Parameter("angle")


def dynamic() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)
    return circuit


def boxed() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    with circuit.box():
        circuit.x(0)
    return circuit


def turned(angle: Any) -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.rzz(angle, 0, 1)
    return circuit


def coupled(*qubits: int) -> QuantumCircuit:
    circuit = QuantumCircuit(max(qubits) + 1)
    circuit.cx(*qubits)
    return circuit


def registered(name: str, size: int = 1) -> SamplerPub:
    return SamplerPub.coerce(QuantumCircuit(QuantumRegister(1), ClassicalRegister(size, name)))


def spoken(ask: Callable[[], Any]) -> Any:
    """Return an answer as plain data, dates as texts."""
    try:
        answer = ask()
    except (QiskitError, TypeError, ValueError):
        return "refused"
    return answer.isoformat() if isinstance(answer, datetime) else answer


def each(asked: str, ask: Callable[..., Any], values: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """Return one question for each value, by its name."""
    return {f"{asked}({name})": partial(ask, value) for name, value in values.items()}


def by_text(values: list[Any]) -> dict[str, Any]:
    return {repr(value): value for value in values}


def asked_of_utils(package: str) -> dict[str, Callable[[], Any]]:
    """Return what is asked of `utils`."""
    utils, more = import_module(f"{package}.utils"), import_module(f"{package}.utils.utils")
    converters, fake = import_module(f"{package}.utils.converters"), import_module(f"{package}.fake_provider")
    options = import_module(f"{package}.options").SamplerOptions()
    options.dynamical_decoupling.enable = True
    target = fake.FakeManilaV2().target
    texts = ["2026-01-02T03:04:05Z", "2026-07-02T03:04:05", "2026-01-02", "2026-01-02T03:04:05+05:00", "zz"]
    naive = datetime(2026, 1, 2, 3)  # noqa: DTZ001  # that is the question
    days: dict[str, Any] = {repr(day): day for day in (*texts, naive, date(2026, 1, 2), 3, None)}
    days["noon in a zone"] = datetime(2026, 7, 2, 12, tzinfo=timezone(timedelta(hours=5)))
    crns = ["crn:v1:bluemix:public::", "crn:", "CRN:v1:x", "abc", "", " crn:v1:", None, 3]
    circuits = {
        "dynamic": dynamic(),
        "boxed": boxed(),
        "plain": coupled(0, 1),
        "far": coupled(0, 4),
        "wide": coupled(5, 6),
    }
    turns = {"small": 0.3, "negative": -0.3, "large": 2.0}
    pubs = {name: SamplerPub.coerce(turned(angle)) for name, angle in turns.items()}
    pubs |= {
        "bound": SamplerPub.coerce((turned(ANGLE), [[0.1], [0.2]])),
        "bound too far": SamplerPub.coerce((turned(ANGLE + 1), [[0.1], [2.0]])),
        "of an estimator": EstimatorPub.coerce((turned(-0.3), "ZZ")),
    }
    gates = [RXGate(0.1), RZGate(0.1), RZZGate(ANGLE), XGate(), CRXGate(0.1), U1Gate(0.1), RXXGate(0.2), UGate(1, 2, 3)]
    tags: list[Any] = [None, [], ["a", "b"], "a", ["a", 3], 3]
    names = ["meas", "1bad", "for", "a b", "data", ""]
    return {
        **each("is_crn", utils.is_crn, by_text(crns)),
        **each("local_to_utc", utils.local_to_utc, days),
        **each("utc_to_local", utils.utc_to_local, days),
        "utc_to_local_all": lambda: [day.isoformat() for day in converters.utc_to_local_all({"a": [naive]})["a"]],
        **each("dynamic", lambda circuit: utils.are_circuits_dynamic([coupled(0, 1), circuit]), circuits),
        **each("dynamic text", lambda flag: utils.are_circuits_dynamic(["OPENQASM 3;"], flag), by_text([True, False])),
        **each("is_fractional_gate", more.is_fractional_gate, {gate.name: gate for gate in gates}),
        **each("is_isa_circuit", lambda circuit: bool(more.is_isa_circuit(circuit, target)), circuits),
        **each("validate_isa", lambda circuit: utils.validate_isa_circuits([circuit], target), circuits),
        **each("is_valid_rzz_pub", lambda pub: bool(more.is_valid_rzz_pub(pub)), pubs),
        **each("validate_rzz_pubs", lambda pub: utils.validate_rzz_pubs([pub]), pubs),
        **each("no_dd", lambda circuit: utils.validate_no_dd_with_dynamic_circuits([circuit], options), circuits),
        **each("validate_job_tags", utils.validate_job_tags, by_text(tags)),
        **each("registers", lambda name: utils.validate_classical_registers([registered(name)]), by_text(names)),
        "a register without bits": lambda: utils.validate_classical_registers([registered("empty", 0)]),
        "validate_estimator_pubs": lambda: utils.validate_estimator_pubs([EstimatorPub.coerce((coupled(0, 1), "ZZ"))]),
        **each("is_simulator", more.is_simulator, {"manila": fake.FakeManilaV2(), "none": None}),
    }


def asked_of_descriptions(package: str) -> dict[str, Callable[[], Any]]:
    """Return what is asked of what is made of the description of a backend."""
    decoders, targets = (
        import_module(f"{package}.utils.backend_decoder"),
        import_module(f"{package}.utils.backend_converter"),
    )
    backend = import_module(f"{package}.fake_provider").FakeFractionalBackend()
    configuration, properties = backend.configuration(), backend.properties()
    sent = {**configuration.to_dict(), "online_date": "2026-01-02T03:04:05Z"}
    measured = json.dumps(properties.to_dict(), default=str)
    ways: list[dict[str, Any]] = [
        *({}, {"include_control_flow": False}, {"include_fractional_gates": False}, {"add_delay": False}),
        *({"filter_faulty": False}, {"custom_name_mapping": {"u9": XGate()}}, {"more": True}),
    ]

    def shown(target: Any) -> dict[str, list[str]]:
        return {name: sorted(map(str, target[name] or ())) for name in sorted(target.operation_names)}

    def decoded(fractional: bool | None) -> list[Any]:
        made = decoders.configuration_from_server_data(copy.deepcopy(sent), use_fractional_gates=fractional)
        return [made.backend_name, sorted(made.basis_gates), made.dt, made.n_qubits]

    return {
        **each(
            "convert_to_target",
            lambda way: shown(targets.convert_to_target(configuration, properties, **way)),
            by_text(ways),
        ),
        "convert_to_target alone": lambda: shown(targets.convert_to_target(configuration)),
        **each("configuration_from_server_data", decoded, by_text([True, False, None])),
        "properties_from_server_data": lambda: decoders.properties_from_server_data(json.loads(measured)).t1(2),
        "rzz_wrapper": lambda: [
            sorted(targets.rzz_wrapper([angle], [Qubit(), Qubit()]).count_ops().items())
            for angle in (0.5, -0.5, 2.0, 4.0)
        ],
    }


def asked_of_classes(package: str) -> dict[str, Callable[[], Any]]:
    """Return what is asked of classes and of typed JSON."""
    decoder = import_module(f"{package}.json").RuntimeDecoder()
    base64_text = import_module(f"{package}.json").to_base64_string
    term = import_module(f"{package}.models").UchannelLO
    result = import_module(f"{package}.decoders.result_decoder").ResultDecoder
    around = import_module(f"{package}.runtime_options").RuntimeOptions
    proxies = import_module(f"{package}.proxies").ProxyConfiguration
    ways: list[dict[str, Any]] = [
        *({}, {"image": "bad"}, {"image": "a:b"}, {"log_level": "X"}, {"log_level": "debug"}),
        *({"job_tags": ["a"]}, {"job_tags": "a"}, {"private": True}),
    ]
    given: list[dict[str, Any]] = [
        *({}, {"urls": {"https": "http://h"}}, {"urls": "x"}),
        *({"username_ntlm": "u", "password_ntlm": "p"}, {"username_ntlm": "u"}, {"password_ntlm": "p"}),
    ]
    return {
        "hook of a value": lambda: str(decoder.object_hook({"__type__": "complex", "__value__": [1, 2]})),
        "hook of none": lambda: decoder.object_hook({"a": 1}),
        "hook of json": lambda: str(
            json.loads('{"a": {"__type__": "complex", "__value__": [1, 2]}}', object_hook=decoder.object_hook)
        ),
        "to_base64_string": lambda: [base64_text(text) for text in ("abc", "é", "")],
        "UchannelLO": lambda: [
            str(term(1, 0.5j).to_dict()),
            term(1, 0.5) == term.from_dict({"q": 1, "scale": 0.5}),
            repr(term(0, 1j).scale),
        ],
        "UchannelLO(-1)": lambda: term(-1, 1),
        "UchannelLO without scale": lambda: term.from_dict({"q": 1}),
        "ResultDecoder": lambda: [
            str(result.decode('{"a": {"__type__": "complex", "__value__": [1, 2]}}')),
            result.decode("{"),
        ],
        **each("RuntimeOptions", lambda way: around(backend="b", **way).validate("ibm_cloud"), by_text(ways)),
        "get_backend_name": lambda: [around(backend=name).get_backend_name() for name in ("b", None)],
        **each("ProxyConfiguration", lambda way: proxies(**way).validate(), by_text(given)),
        **each("to_dict", lambda way: proxies(**way).to_dict(), by_text(given)),
    }


def asked_of_accounts(package: str, folder: str) -> dict[str, Callable[[], Any]]:
    """Return what is asked of accounts, in this order."""
    accounts = import_module(f"{package}.accounts")
    account, manager = accounts.Account, accounts.AccountManager
    proxies = import_module(f"{package}.proxies").ProxyConfiguration(urls={"https": "http://h"})
    path = f"{folder}/accounts.json"
    flaws: list[dict[str, Any]] = [
        *({}, {"token": ""}, {"token": 3}, {"channel": "x"}, {"channel": None}, {"url": 3}, {"instance": 3}),
        *({"instance": "name"}, {"region": "x"}, {"region": "eu-de"}, {"tags": ["a"]}, {"plans_preference": ["open"]}),
    ]

    def told(found: Any) -> Any:
        return found.to_saved_format()

    def save(**given: Any) -> Any:
        return manager.save(filename=path, **given)

    return {
        "to_saved_format": lambda: told(account("t")),
        "all of it": lambda: told(
            account(
                "t", instance="i", proxies=proxies, verify=False, private_endpoint=True, region="us-east", tags=["t"]
            )
        ),
        "create_account": lambda: told(account.create_account(channel="ibm_cloud", token="t")),
        "create_account elsewhere": lambda: account.create_account(channel="x", token="t"),
        "from_saved_format": lambda: told(
            account.from_saved_format(
                {"token": "t", "channel": "ibm_cloud", "junk": 3, "proxies": {"urls": {"a": "b"}}}
            )
        ),
        "from_saved_format of nothing": lambda: account.from_saved_format({}),
        **each("validate", lambda flaw: account(**{"token": "t", **flaw}).validate() and "fine", by_text(flaws)),
        "equal": lambda: [account("t") == account("t"), account("t") == account("u"), account("t") == 3],
        "get of nothing": lambda: manager.get(filename=path),
        "list of nothing": lambda: manager.list(filename=path),
        "delete of nothing": lambda: manager.delete(filename=path),
        "save": lambda: save(token="t", channel="ibm_cloud", name=None),
        "save again": lambda: save(token="t", channel="ibm_cloud", name=None),
        "save over it": lambda: save(token="t2", channel="ibm_cloud", name=None, overwrite=True),
        "save by name": lambda: save(token="t3", channel="ibm_quantum_platform", name="mine", set_as_default=True),
        "save as it comes": lambda: save(token="t4", channel="ibm_cloud"),
        "save without token": lambda: save(channel="ibm_cloud", name="none"),
        "list": lambda: {name: told(found) for name, found in manager.list(filename=path).items()},
        "list of defaults": lambda: sorted(manager.list(filename=path, default=True)),
        "list of a channel": lambda: sorted(manager.list(filename=path, channel="ibm_cloud")),
        "list of a name": lambda: sorted(manager.list(filename=path, name="mine")),
        "get": lambda: told(manager.get(filename=path)),
        "get by name": lambda: told(manager.get(filename=path, name="mine")),
        "get by channel": lambda: told(manager.get(filename=path, channel="ibm_cloud")),
        "get by another name": lambda: manager.get(filename=path, name="zz"),
        "delete": lambda: [manager.delete(filename=path, name=name) for name in ("mine", "mine")],
    }


def asked_of_instructions(package: str) -> dict[str, Callable[[], Any]]:
    """Return what is asked of instructions."""
    library = import_module(f"{package}.circuit.library")
    kinds = ["MidCircuitMeasure", "MidCircuitReset", "MeasureReset", "XSlowGate"]
    names = ["measure_3", "reset_3", "measure_reset_2", "measure_", "measure", "foo", ""]

    pairs = [(kind, name) for kind in kinds for name in names]

    def shape(made: Any) -> list[Any]:
        return [made.name, made.num_qubits, made.num_clbits, made.params, made.label, made.definition, repr(made)]

    def equal(kind: Any) -> list[bool]:
        return [kind() == kind(), kind() == kind().copy(), kind() == kind().to_mutable(), kind() == XGate()]

    return {
        **each("made", lambda kind: shape(getattr(library, kind)()), by_text(kinds)),
        **each("equal", lambda kind: equal(getattr(library, kind)), by_text(kinds)),
        **each("inverse", lambda kind: getattr(library, kind)().inverse(), by_text(kinds)),
        **each("named", lambda pair: shape(getattr(library, pair[0])(pair[1], label="L")), by_text(pairs)),
    }


def every_instruction(package: str) -> QuantumCircuit:
    library = import_module(f"{package}.circuit.library")
    circuit = QuantumCircuit(2, 2)
    circuit.append(library.MidCircuitMeasure(label="first"), [0], [1])
    circuit.append(library.MidCircuitReset("reset_3"), [1])
    circuit.append(library.MeasureReset(), [1], [0])
    circuit.append(library.XSlowGate(), [0])
    return circuit


def steps_of(circuit: QuantumCircuit) -> list[Any]:
    """Return what stands in a circuit, as plain data."""
    places = [[circuit.find_bit(bit).index for bit in (*step.qubits, *step.clbits)] for step in circuit.data]
    return [[step.name, step.operation.label, place] for step, place in zip(circuit.data, places, strict=True)]


def answers(package: str) -> dict[str, Any]:
    """Return what a package answers, in the zone of New York."""
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "America/New_York"
    time.tzset()
    try:
        with warnings.catch_warnings(), TemporaryDirectory() as folder:
            warnings.simplefilter("ignore")
            asked = {
                **asked_of_utils(package),
                **asked_of_descriptions(package),
                **asked_of_classes(package),
                **asked_of_accounts(package, folder),
                **asked_of_instructions(package),
            }
            return {name: spoken(ask) for name, ask in asked.items()}
    finally:
        os.environ.pop("TZ") if zone is None else os.environ.update(TZ=zone)
        time.tzset()


def written(package: str) -> dict[str, str]:
    """Return a circuit with every instruction, as a package has it, in QPY and in typed JSON."""
    stream = io.BytesIO()
    qpy.dump(every_instruction(package), stream, version=17)
    encoder = import_module(f"{package}.json").RuntimeEncoder
    text = json.dumps(every_instruction(package), cls=encoder)
    return {"qpy": base64.b64encode(stream.getvalue()).decode(), "json": text}


def read(package: str, texts: dict[str, str]) -> dict[str, list[Any]]:
    """Return what stands in the circuits that the other wrote."""
    (loaded,) = qpy.load(io.BytesIO(base64.b64decode(texts["qpy"])))
    decoder = import_module(f"{package}.json").RuntimeDecoder
    return {"qpy": steps_of(loaded), "json": steps_of(json.loads(texts["json"], cls=decoder))}


if __name__ == "__main__":
    told = json.load(sys.stdin)
    name = "qiskit_ibm_runtime"
    print(json.dumps({"answers": answers(name), "written": written(name), "read": read(name, told)}))
