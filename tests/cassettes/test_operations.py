"""What each request of the interface is called: by its method and the end of its path."""

import pytest

from qiskit_runtime_service.cassettes.operations import is_known, parse_request
from qiskit_runtime_service.records.exchange import Request

HOST = "https://quantum.cloud.ibm.com"
CALLS = """
exchange key         POST    identity/token
search instances     POST    v3/resources/search
get configuration    GET     backends/B/configuration
get properties       GET     backends/B/properties
get defaults         GET     backends/B/defaults
get status           GET     backends/B/status
list backends        GET     backends
get results          GET     jobs/J/results
get logs             GET     jobs/J/logs
get metrics          GET     jobs/J/metrics
cancel job           POST    jobs/J/cancel
put tags             PUT     jobs/J/tags
create job           POST    jobs
list jobs            GET     jobs
get job              GET     jobs/J
delete job           DELETE  jobs/J
cancel session       DELETE  sessions/S/close
create session       POST    sessions
get session          GET     sessions/S
change session       PATCH   sessions/S
get usage            GET     instances/usage
get limit            GET     instances/configuration
put limit            PUT     instances/configuration
get instance         GET     instance
get account          GET     accounts/A
list workloads       GET     workloads
search tags          GET     tags
list versions        GET     versions
"""
ROWS = [tuple(part.strip() for part in line.split("  ") if part.strip()) for line in CALLS.strip().splitlines()]
NAMES = {"B": ("backend", "B"), "J": ("job", "J"), "S": ("session", "S"), "A": ("account", "A")}


@pytest.mark.holds("B205")
@pytest.mark.parametrize(("name", "method", "path"), ROWS, ids=[row[0] for row in ROWS])
def test_a_request_has_the_name_of_what_it_asks_for(name: str, method: str, path: str) -> None:
    for before in ("", "/api/v1", "/somewhere/else"):
        parsed = parse_request(Request(method=method, url=f"{HOST}{before}/{path}?limit=5"))
        assert (parsed.operation.name, parsed.operation.method, parsed.query) == (name, method, "limit=5")
        assert parsed.names == tuple(NAMES[part] for part in path.split("/") if part in NAMES)
        assert is_known(parsed.operation)
    other = parse_request(Request(method="HEAD", url=f"{HOST}/api/v1/{path}"))
    assert other.operation.name == f"HEAD /api/v1/{path}"
    assert not is_known(other.operation)


def test_what_has_no_word_of_its_own_is_a_plan_unless_it_asks_an_instance() -> None:
    url = f"{HOST}/api/v1/some-plan"
    plan = parse_request(Request(method="GET", url=url))
    assert (plan.operation.name, plan.names) == ("describe plan", (("plan", "some-plan"),))
    assert is_known(plan.operation)
    unknown = parse_request(Request(method="GET", url=url, headers=(("Service-CRN", "crn"),)))
    assert (unknown.operation.name, unknown.names) == ("GET /api/v1/some-plan", ())
    assert not is_known(unknown.operation)


def test_whose_operation_it_is_whether_it_may_be_asked_again_and_kept_whole() -> None:
    operations = [
        parse_request(Request(method=method, url=f"{HOST}/api/v1/{path}")).operation
        for _, method, path in (*ROWS, ("describe plan", "GET", "some-plan"))
    ]
    assert {operation.name: operation.home for operation in operations if operation.home != "runtime"} == {
        "exchange key": "token",
        "search instances": "search",
        "describe plan": "catalog",
    }
    assert {operation.name for operation in operations if not operation.reads} == {
        *("cancel job", "put tags", "create job", "delete job", "put limit"),
        *("cancel session", "create session", "change session"),
    }
    assert {operation.name for operation in operations if operation.whole} == {
        *("get configuration", "get properties", "get defaults", "get results", "get logs"),
    }
