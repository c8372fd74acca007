"""The pytest plugin: a cloud and a service for each test, chosen by a mark, and nothing for those who want none."""

import os
import subprocess
import sys

import pytest

from qiskit_runtime_service import QiskitRuntimeService
from qiskit_runtime_service.testing import EmulatedTransport, OpenCloud, SentRequests, Status, busy, two_regions

pytest_plugins = ["pytester"]

# These run within this process, so they must load nothing that cannot be loaded twice, such as NumPy.
QUIET = ("-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "--strict-markers")


def test_without_a_mark_there_is_one_instance(
    runtime_service: QiskitRuntimeService, emulated_cloud: EmulatedTransport
) -> None:
    assert runtime_service.backend("ibm_emu5").num_qubits == 5
    assert len(emulated_cloud.world.instances) == 1


@pytest.mark.cloud(world="busy", seed=7)
def test_a_mark_chooses_world_and_seed(emulated_cloud: EmulatedTransport) -> None:
    assert emulated_cloud.world == busy(seed=7)


@pytest.mark.cloud(world=two_regions)
def test_a_mark_takes_a_function(emulated_cloud: EmulatedTransport) -> None:
    assert emulated_cloud.world == two_regions()


@pytest.mark.holds("B447", "B451")
def test_a_mark_takes_a_file_that_describes_a_world(pytester: pytest.Pytester) -> None:
    pytester.makefile(
        ".toml", lab='clock = "real"\nspeed = 1000\n[[devices]]\nname = "ibm_lab"\nqubits = 3\n', odd="seed = 'x'"
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.cloud("lab.toml")
        def test_it(runtime_service, emulated_cloud):
            assert runtime_service.backend("ibm_lab").num_qubits == 3
            assert emulated_cloud.speed == 1000

        @pytest.mark.cloud("odd.toml")
        def test_odd(emulated_cloud):
            pass
        """
    )
    result = pytester.runpytest("-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*odd.toml: Expected `int`, got `str` - at `$.seed`"])


@pytest.mark.cloud(world=busy(seed=3), faults=[Status(code=503)])
def test_a_mark_takes_a_world_and_faults(emulated_cloud: EmulatedTransport) -> None:
    assert emulated_cloud.world.instances == busy(seed=3).instances
    assert len(emulated_cloud.world.faults) == 1


@pytest.mark.cloud("one_instance", queue_seconds=3600)
def test_what_else_a_mark_says_is_for_the_world(emulated_cloud: EmulatedTransport) -> None:
    assert emulated_cloud.world.devices["ibm_emu5"].queue_seconds == 3600


def test_each_test_has_a_cloud_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("time", range(3))
        def test_it(time, runtime_service, sent_requests):
            runtime_service.usage()
            assert sent_requests.count("GET /instances/usage") == 1
        """
    )
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("mark", "line"),
    [
        ('"bussy"', "There is no ready world 'bussy'.*"),
        ("busy(), seed=7", "*so seed has no effect.*"),
    ],
)
def test_a_mark_that_means_nothing_is_explained(pytester: pytest.Pytester, mark: str, line: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest
        from qiskit_runtime_service.testing import busy

        @pytest.mark.cloud({mark})
        def test_it(emulated_cloud):
            pass
        """
    )
    outcome = pytester.runpytest_inprocess(*QUIET)
    outcome.assert_outcomes(errors=1)
    outcome.stdout.fnmatch_lines([f"*{line}"])


def test_fixtures_and_mark_are_described(pytester: pytest.Pytester) -> None:
    fixtures = pytester.runpytest_inprocess(*QUIET, "--fixtures").stdout.str()
    assert all(name in fixtures for name in ("emulated_cloud", "runtime_service", "sent_requests"))
    pytester.runpytest_inprocess(*QUIET, "--markers").stdout.fnmatch_lines(["@pytest.mark.cloud(world=*"])


def test_the_plugin_loads_nothing_until_a_fixture_is_wanted() -> None:
    script = (
        "import sys; import pytest; before = set(sys.modules); import qiskit_runtime_service.testing.plugin; "
        # The doors without files are there with the package, and have nothing in them.
        "print(*(name for name in {*sys.modules} - before if hasattr(sys.modules[name], '__file__')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    package = "qiskit_runtime_service"
    assert set(done.stdout.split()) == {
        package,
        f"{package}._doors",
        f"{package}._lazy",
        f"{package}._public",
        f"{package}._version",
        f"{package}._warn",
        f"{package}.testing",
        f"{package}.testing.cassettes",
        f"{package}.testing.import_hook",
        f"{package}.testing.plugin",
    }


def test_the_assertions_on_what_was_sent(runtime_service: QiskitRuntimeService, sent_requests: SentRequests) -> None:
    runtime_service.backend("ibm_emu5")
    assert sent_requests.once("GET /backends/*/configuration").method == "GET"
    assert len(sent_requests.times(1, "POST /identity/token")) == 1
    sent_requests.never("POST /jobs", "* /sessions")
    sent_requests.in_order("POST /identity/token", "POST /v3/resources/search", "GET /backends", "* /*/configuration")
    sent_requests.at_most(5)
    assert sent_requests.count("* /*") == len(sent_requests) == len(list(sent_requests))
    later = sent_requests.from_now()
    assert (len(later), repr(later)) == (0, "nothing")
    runtime_service.usage()
    assert later.count("GET /instances/usage") == len(later) == 1
    runtime_service.usage()
    assert repr(later) == "  GET /api/v1/instances/usage -> 200\n  GET /api/v1/instances/usage -> 200"


def test_an_assertion_that_fails_shows_all_that_was_sent(
    runtime_service: QiskitRuntimeService, sent_requests: SentRequests
) -> None:
    runtime_service.backends()
    with pytest.raises(AssertionError, match=r"(?s)POST /jobs was sent 0 times, not 1.*GET /api/v1/backends -> 200"):
        sent_requests.once("POST /jobs")
    with pytest.raises(AssertionError, match="should not have been"):
        sent_requests.never("GET /backends")
    with pytest.raises(AssertionError, match="where it was expected"):
        sent_requests.in_order("GET /backends", "POST /identity/token")
    with pytest.raises(AssertionError, match="more than 1"):
        sent_requests.at_most(1)


@pytest.mark.parametrize("pattern", ["", "jobs", "/jobs", "GET jobs"])
def test_a_pattern_without_method_or_path_is_a_mistake(
    pattern: str, runtime_service: QiskitRuntimeService, sent_requests: SentRequests
) -> None:
    with pytest.raises(ValueError, match="'POST /jobs'"):
        sent_requests.count(pattern)


@pytest.mark.cloud("two_regions")
@pytest.mark.holds("B475")
def test_a_program_in_this_process_is_led_to_a_cloud_that_a_mark_chooses(ibm_cloud: OpenCloud) -> None:
    service = QiskitRuntimeService()
    assert sorted(backend.name for backend in service.backends(min_num_qubits=7)) == ["ibm_europe7"]
    assert {name: os.environ[name] for name in ibm_cloud.environment} == ibm_cloud.environment
    ibm_cloud.sent.once("POST /v3/resources/search")


@pytest.mark.holds("B475")
def test_a_program_is_led_for_as_long_as_a_test_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, subprocess, sys

        def test_it(ibm_cloud):
            says = [sys.executable, "-c", "import os; print(os.environ['QISKIT_IBM_URL'])"]
            told = subprocess.run(says, capture_output=True, text=True, check=True).stdout
            assert told.strip() == ibm_cloud.url + "/experimental"

        def test_after():
            assert "QISKIT_IBM_URL" not in os.environ
        """
    )
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=2)
