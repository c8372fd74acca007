"""The command line as a whole: its table, wrong names, exit codes, and how fast it starts."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import qiskit_runtime_service
from qiskit_runtime_service.cli.main import commands
from qiskit_runtime_service.cli.options import Command

SOURCE = Path(qiskit_runtime_service.__file__).parents[1]
HEAVY = ("qiskit", "numpy", "urllib3", "rich")


def run_process(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *(("-c", code) if code else ("-m", "qiskit_runtime_service")), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | environment)


COMMANDS = {
    "login": "Ask for an API key, check it, and save it.",
    "logout": "Take an account out of the account file.",
    "whoami": "Show the account in use, and where it came from.",
    "doctor": "Find the broken link between this machine and the backends.",
    "accounts": "List the saved accounts. Keys are not shown.",
    "instances": "List the service instances of the account.",
    "backends": "List backends, the best first.",
    "backend": "Show what a backend is and how well it works.",
    "estimate": "Tell what the circuits of a file would use, and send nothing.",
    "run": "Run the circuits of a file, and write their counts.",
    "jobs": "List jobs, the newest first.",
    "job": "Show a job; wait for it, stop it, or read what came of it.",
    "sessions": "List sessions and batches, show one, or end it.",
    "usage": "Show what the instance has spent and may still spend.",
    "select": "Choose a backend for another scheduler, from JSON to JSON.",
    "cassette": "Show a recorded run, check it for secrets, or compare two.",
    "emulate": "Run an emulated cloud that clients reach over HTTP.",
    "completion": "Write what makes a shell complete commands.",
}


def test_the_list_of_commands_has_a_line_for_each() -> None:
    for words in ([], ["--help"], ["-h"]):
        listed = CliRunner().invoke(commands, words).output.partition("Commands:\n")[2].partition("\n\n")[0]
        assert dict(line.split(maxsplit=1) for line in listed.splitlines()) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_begins_its_help_with_its_line_in_the_list(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    assert (command.help or "").partition("\n")[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_shows_at_least_two_examples(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert isinstance(command, Command)
    assert len(command.examples) >= 2
    shown = CliRunner().invoke(commands, [name, "--help"]).output
    for example in command.examples:
        assert f"  {example}\n" in shown
        assert len(example) <= 78, "it would be broken in two where the terminal is narrow"


@pytest.mark.holds("B240")
def test_a_wrong_command_is_answered_with_the_nearest() -> None:
    done = CliRunner().invoke(commands, ["completoin"])
    assert done.exit_code == 1
    assert "There is no command 'completoin'.\nDid you mean 'completion'?" in done.stderr
    assert done.stdout == ""


def test_a_wrong_command_without_a_near_one_leads_to_the_list() -> None:
    assert "qiskit-runtime --help lists" in CliRunner().invoke(commands, ["xyzzy"]).stderr


@pytest.mark.holds("B240")
def test_a_wrong_option_is_answered_with_the_nearest() -> None:
    done = CliRunner().invoke(commands, ["completion", "bash", "--hepl"])
    assert done.exit_code == 1
    assert "--help" in done.stderr.partition("Error:")[2]


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from qiskit_runtime_service.cli.main import commands; commands.main(standalone_mode=False)\n"
        f"print('loaded:', *(name for name in {HEAVY!r} if name in sys.modules))"
    )
    assert run_process("--help", code=code).stdout.endswith("\nloaded:\n")


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.path[:] = [path for path in sys.path if 'site-packages' not in path]\n"
        "from qiskit_runtime_service.__main__ import main; sys.exit(main())"
    )
    done = run_process(code=code, PYTHONPATH=str(SOURCE))
    assert done.returncode == 1
    assert done.stderr == (
        "The command line needs click and rich, which is not installed.\n"
        "Run: pip install 'qiskit-runtime-service[cli]'\n"
    )


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_what_is_missing_of_the_extra_is_named_alone(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from qiskit_runtime_service.__main__ import main; sys.exit(main())"
    )
    done = run_process("--help", code=code)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"The command line needs {missing}, which is not installed.\n")


def test_the_package_can_be_run_and_its_exit_code_is_that_of_the_command() -> None:
    done = run_process("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  backends " in done.stdout
    wrong = run_process("completoin")
    assert wrong.returncode == 1
    assert "Did you mean 'completion'?" in wrong.stderr


COMPLETES = {
    "bash": "complete -o nosort -F _my_runtime_completion",
    "zsh": "compdef _my_runtime_completion",
    "fish": "complete --no-files --command",
}
"""What a shell reads before the name of a program."""


@pytest.mark.parametrize("shell", COMPLETES)
def test_completion_is_for_the_program_of_that_name(shell: str) -> None:
    done = CliRunner().invoke(commands, ["completion", shell], prog_name="my-runtime")
    assert done.exit_code == 0
    assert "_QISKIT_RUNTIME_COMPLETE" in done.stdout
    assert f"{COMPLETES[shell]} my-runtime" in done.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("comp", ["plain,completion"]),
        ("whoami --world two", ["plain,two_regions"]),
        ("whoami --world ./my", ["file,./my"]),
        ("whoami --name w", ["plain,work"]),
        ("backends --order clo", ["plain,clops"]),
    ],
)
def test_a_shell_is_told_what_may_follow(words: str, offered: list[str], tmp_path: Path) -> None:
    CliRunner().invoke(commands, ["login", "--no-check", "--name", "work"], input="key", env={"HOME": str(tmp_path)})
    line = f"qiskit-runtime {words}"
    environment = {
        "_QISKIT_RUNTIME_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
        "HOME": str(tmp_path),
    }
    assert CliRunner().invoke(commands, env=environment, prog_name="qiskit-runtime").stdout.splitlines() == offered
