"""This library stands in for IBM's client: in a block, in a program, in a run of tests."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

pytest_plugins = ["pytester"]

INSTALLED = {
    "__init__.py": "__version__ = '0.46.1'\nfrom .old import gone\nclass SamplerV2: pass\n",
    "old.py": "gone = 'gone'\ndef later():\n    from . import deep\n    return deep.__name__\n",
    "deep/__init__.py": "",
    "options/__init__.py": "class SamplerOptions: pass\nclass Retired: pass\n",
}
"""The files of a client that has what this library has, and what it lacks."""


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """Return a folder in which that client is installed."""
    for name, text in INSTALLED.items():
        path = tmp_path / "installed" / "qiskit_ibm_runtime" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "installed"


def python(*arguments: str, beside: Path | None = None, folder: Path | None = None) -> tuple[int, str, str]:
    """Run Python, with a folder of packages beside ours; return its exit status, what it printed, and what it said."""
    found = [part for part in (os.environ.get("PYTHONPATH"), beside and str(beside)) if part]
    environment = os.environ | ({"PYTHONPATH": os.pathsep.join(found)} if found else {})
    command = [sys.executable, "-W", "error", *(dedent(argument) for argument in arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def printed(program: str, beside: Path | None = None) -> list[str]:
    """Run a program that must succeed, in which `stand_in` is there; return its lines."""
    code, out, err = python(
        "-c", f"from qiskit_runtime_service.testing import stand_in\n{dedent(program)}", beside=beside
    )
    assert (code, err) == (0, "")
    return out.splitlines()


@pytest.mark.takes_long
@pytest.mark.holds("B495")
@pytest.mark.parametrize("beside", [False, True], ids=["nothing installed", "a client installed"])
def test_in_the_block_the_client_is_this_library(client: Path, beside: bool) -> None:
    lines = printed(
        """
        import qiskit_runtime_service as ours
        from qiskit_runtime_service import fake_provider, options

        with stand_in() as module:
            import qiskit_ibm_runtime as theirs
            import qiskit_ibm_runtime.options
            from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2
            from qiskit_ibm_runtime.fake_provider import FakeManilaV2
            from qiskit_ibm_runtime.options import SamplerOptions

            print(module is theirs, theirs.__version__, theirs.__name__)
            print(QiskitRuntimeService is ours.QiskitRuntimeService, SamplerV2 is ours.SamplerV2)
            print(theirs.options.SamplerOptions is SamplerOptions is options.SamplerOptions)
            print(FakeManilaV2 is fake_provider.FakeManilaV2)
            print("SamplerV2" in dir(theirs), theirs.__file__ == ours.__file__)
            everything = {}
            exec("from qiskit_ibm_runtime import *", everything)
            print(everything["SamplerV2"] is SamplerV2)
        """,
        client if beside else None,
    )
    assert lines == ["True 0.51.0 qiskit_ibm_runtime", "True True", "True", "True", "True True", "True"]


@pytest.mark.holds("B496")
def test_what_this_library_lacks_is_that_of_the_installed_client(client: Path) -> None:
    lines = printed(
        """
        import sys

        with stand_in() as theirs:
            print("qiskit_ibm_runtime_installed" in sys.modules)
            from qiskit_ibm_runtime import gone, old
            from qiskit_ibm_runtime.options import Retired, SamplerOptions
            import qiskit_ibm_runtime.deep
            print(gone, old.later(), Retired.__module__, SamplerOptions.__module__)
            print(theirs.deep is qiskit_ibm_runtime.deep, qiskit_ibm_runtime.deep.__name__)
        print(old.later())
        """,
        client,
    )
    assert lines == [
        "False",
        "gone qiskit_ibm_runtime_installed.deep qiskit_ibm_runtime_installed.options qiskit_runtime_service.options",
        "True qiskit_ibm_runtime.deep",
        "qiskit_ibm_runtime_installed.deep",
    ]


@pytest.mark.holds("B496")
def test_what_nobody_has_is_missing_as_usual() -> None:
    lines = printed(
        """
        with stand_in() as theirs:
            for words in ("from qiskit_ibm_runtime import nothing", "import qiskit_ibm_runtime.nothing.at_all"):
                try:
                    exec(words)
                except ImportError as error:
                    print(type(error).__name__, str(error).partition(" (")[0])
            print(hasattr(theirs, "nothing"), getattr(theirs, "nothing", None))
        """
    )
    assert lines == [
        "ImportError cannot import name 'nothing' from 'qiskit_ibm_runtime'",
        "ModuleNotFoundError No module named 'qiskit_ibm_runtime.nothing'",
        "False None",
    ]


MISSING_EXTRA = """
    import sys
    sys.modules["samplomatic"] = None
    with stand_in():
        try:
            from qiskit_ibm_runtime.executor import Executor
        except ImportError as error:
            print(error)
        else:
            print(Executor.__module__)
"""


@pytest.mark.takes_long
@pytest.mark.holds("B496")
def test_where_an_extra_is_missing_it_is_named_unless_the_installed_client_has_the_module(client: Path) -> None:
    (line, *_) = printed(MISSING_EXTRA)
    assert "qiskit-runtime-service[executor]" in line
    (client / "qiskit_ibm_runtime" / "executor.py").write_text("class Executor: pass\n")
    assert printed(MISSING_EXTRA, client) == ["qiskit_ibm_runtime_installed.executor"]


@pytest.mark.takes_long
@pytest.mark.holds("B497")
def test_after_the_block_all_is_as_it_was(client: Path) -> None:
    lines = printed(
        """
        import sys

        from importlib import import_module

        # In a list no one is seen to hold them.
        before = [import_module(f"qiskit_ibm_runtime{rest}") for rest in ("", ".options")]
        finders = list(sys.meta_path)
        try:
            with stand_in() as theirs:
                import qiskit_ibm_runtime.options
                print(theirs in before, qiskit_ibm_runtime.options in before)
                with stand_in() as again:
                    print(again is theirs)
                import qiskit_ibm_runtime as after
                print(after is theirs)
                raise KeyError
        except KeyError:
            pass
        print([import_module(f"qiskit_ibm_runtime{rest}") for rest in ("", ".options")] == before)
        print(sys.meta_path == finders, theirs.SamplerV2.__module__)
        """,
        client,
    )
    assert lines == ["False False", "True", "True", "True", "True qiskit_runtime_service"]


@pytest.mark.holds("B497")
def test_who_holds_names_of_the_installed_client_is_told(client: Path) -> None:
    (client / "lab").mkdir()
    (client / "lab" / "__init__.py").write_text("from . import jobs\n")
    (client / "lab" / "jobs.py").write_text("from qiskit_ibm_runtime import SamplerV2\n")
    (client / "clinic.py").write_text("import qiskit_ibm_runtime as q\n")
    lines = printed(
        """
        import warnings
        import clinic, lab
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with stand_in():
                print(clinic.q.__version__)
        for warning in told:
            print(warning.category.__name__, warning.message, sep="\\n")
        """,
        client,
    )
    assert lines == [
        "0.46.1",
        "UserWarning",
        (
            "clinic, lab took names from the installed qiskit_ibm_runtime before this library stood in for it, and will"
            " go on with those. Let it stand in before they are imported."
        ),
    ]


@pytest.mark.takes_long
@pytest.mark.holds("B495")
def test_a_name_may_be_replaced_for_a_test_and_two_threads_get_one_module(client: Path) -> None:
    lines = printed(
        """
        import threading
        from unittest import mock

        with stand_in() as theirs:
            with mock.patch("qiskit_ibm_runtime.SamplerV2", 7), mock.patch("qiskit_ibm_runtime.gone", 8):
                from qiskit_ibm_runtime import SamplerV2, gone
                print(SamplerV2, gone)
            print(theirs.SamplerV2.__name__, theirs.gone)

            found, start = [], threading.Barrier(8)

            def get():
                start.wait()
                from qiskit_ibm_runtime import options, old
                found.append((id(options), id(old)))

            threads = [threading.Thread(target=get) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            print(len(found), len(set(found)))
        """,
        client,
    )
    assert lines == ["7 8", "SamplerV2 gone", "8 1"]


PROGRAM = """\
import sys
import neighbour
from qiskit_ibm_runtime import SamplerV2
print(__name__, SamplerV2.__module__, neighbour.name, *sys.argv[1:])
sys.exit(len(sys.argv))
"""


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """Return a folder with a program and a module that it imports."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "program.py").write_text(PROGRAM)
    (tmp_path / "lab" / "neighbour.py").write_text("name = 'next door'\n")
    return tmp_path / "lab"


@pytest.mark.takes_long
@pytest.mark.holds("B498")
def test_a_program_runs_as_it_would_without_us(lab: Path) -> None:
    run = ("-m", "qiskit_runtime_service.stand_in")
    told = "__main__ qiskit_runtime_service next door -v --help\n"
    assert python(*run, str(lab / "program.py"), "-v", "--help") == (3, told, "")
    assert python(*run, "-m", "program", "-v", "--help", folder=lab) == (3, told, "")
    assert python(*run, "lab/program.py", folder=lab.parent)[:2] == (1, "__main__ qiskit_runtime_service next door\n")


@pytest.mark.holds("B498")
def test_what_a_program_raises_is_shown_and_ends_it(lab: Path) -> None:
    (lab / "fails.py").write_text("import qiskit_ibm_runtime.nothing\n")
    code, out, err = python("-m", "qiskit_runtime_service.stand_in", str(lab / "fails.py"))
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == "ModuleNotFoundError: No module named 'qiskit_ibm_runtime.nothing'"


@pytest.mark.holds("B498")
@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["-m"], 2), (["--fast"], 2), (["--help"], 0), (["-h"], 0)])
def test_without_a_program_it_is_said_how_to_run_one(arguments: list[str], code: int) -> None:
    came, out, err = python("-m", "qiskit_runtime_service.stand_in", *arguments)
    assert came == code
    assert (err if code else out).startswith("usage: python -m qiskit_runtime_service.stand_in program.py")
    assert (out if code else err) == ""


@pytest.mark.holds("B498")
def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, out, err = python("-m", "qiskit_runtime_service.stand_in", "nowhere.py", folder=tmp_path)
    assert (code, out) == (2, "")
    assert err == "There is no program nowhere.py.\n"


QUIET = ("-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "--strict-markers")
OF_A_USER = """
    import pytest

    @pytest.mark.stand_in
    def test_with_the_mark():
        import qiskit_ibm_runtime
        assert qiskit_ibm_runtime.__version__ == "0.51.0"

    def test_with_the_fixture(stand_in):
        from qiskit_ibm_runtime import exceptions
        assert exceptions is stand_in.exceptions
        assert exceptions.IBMError.__module__ == "qiskit_runtime_service.exceptions"

    def test_without():
        with pytest.raises(ModuleNotFoundError):
            import qiskit_ibm_runtime
"""


@pytest.mark.holds("B499")
def test_a_test_asks_for_it_by_a_mark_or_a_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(OF_A_USER)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=3)


@pytest.mark.takes_long
@pytest.mark.holds("B499")
def test_a_run_of_tests_that_import_the_client_as_they_are_collected_has_an_option(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from qiskit_ibm_runtime import exceptions

        def test_it():
            assert exceptions.IBMError.__module__ == "qiskit_runtime_service.exceptions"
        """
    )
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(errors=1)
    pytester.runpytest_inprocess(*QUIET, "--stand-in").assert_outcomes(passed=1)
    assert [name for name in sys.modules if name.startswith("qiskit_ibm_runtime")] == []
