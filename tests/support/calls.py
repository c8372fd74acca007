"""Requests as a client of the cloud makes them, for tests of the emulated one."""

import json
from typing import Any

import msgspec

from qiskit_runtime_service.emulator.handle import handle
from qiskit_runtime_service.emulator.world import World
from qiskit_runtime_service.emulator.worlds import API_KEY
from qiskit_runtime_service.records.exchange import Request, Response

BASE = "https://quantum.cloud.ibm.com/api/v1"
GRANT = "urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey"


def ask(
    world: World,
    method: str,
    path: str,
    body: object = None,
    *,
    crn: str | None = None,
    version: str = "2026-04-15",
) -> Request:
    """Return a request by the one account of `world`, to its first instance unless told otherwise."""
    headers = (
        ("Authorization", f"apikey {API_KEY}"),
        ("Service-CRN", crn or first_crn(world)),
        ("IBM-API-Version", version),
    )
    encoded = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Request(method=method, url=f"{BASE}{path}", headers=headers, body=encoded)


def first_crn(world: World) -> str:
    return next(iter(world.instances))


def token_request(key: str = API_KEY) -> Request:
    body = f"grant_type={GRANT}&apikey={key}&response_type=cloud_iam".encode()
    return Request(method="POST", url="https://iam.cloud.ibm.com/identity/token", body=body)


def sampler_job(backend: str = "ibm_emu5", /, **fields: object) -> dict[str, object]:
    """Return the body of a submission."""
    return {"program_id": "sampler", "backend": backend, "params": {"pubs": [], "version": 2}, **fields}


def respond(world: World, request: Request) -> tuple[World, Response]:
    """Answer a request that is not lost."""
    world, reply = handle(world, request)
    assert isinstance(reply, Response)
    return world, reply


def act(world: World, method: str, path: str, body: object = None) -> tuple[World, Response]:
    """Ask and answer."""
    return respond(world, ask(world, method, path, body))


def submit(world: World, backend: str = "ibm_emu5", /, **fields: object) -> tuple[World, str]:
    """Submit a job and return its id."""
    world, response = act(world, "POST", "/jobs", sampler_job(backend, **fields))
    assert response.status == 200, response.body
    return world, str(read(response)["id"])


def open_session(world: World, backend: str = "ibm_emu5", /, **fields: object) -> tuple[World, str]:
    """Open a batch, unless told otherwise, and return its id."""
    world, response = act(world, "POST", "/sessions", {"mode": "batch", "backend": backend, **fields})
    assert response.status == 200, response.body
    return world, str(read(response)["id"])


def read(response: Response) -> Any:
    """Read a body in Python's dialect of JSON."""
    return json.loads(response.body)
