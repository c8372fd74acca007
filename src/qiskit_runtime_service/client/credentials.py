"""Getting the API key from where the account says it is: a program, or the keyring of the system."""

from returns.result import Failure, Result, Success

from ..records.account import Account
from ..records.problem import NoCredential, Problem
from ..records.secret import Secret

COMMAND_SECONDS = 10.0
KEYRING_SECONDS = 2.0


def fetch_key(
    account: Account, *, command_seconds: float = COMMAND_SECONDS, keyring_seconds: float = KEYRING_SECONDS
) -> Result[Secret | None, Problem]:
    """Return the key of an account that only says where it is, or `None` for one that has it.

    Fails with:
        NoCredential: The program or the keyring did not give one in time.

    Source: behaviour B95, B96.
    """
    if account.token:
        return Success(None)
    if account.token_command:
        return _run(account.token_command, command_seconds)
    if account.token_keyring:
        return _ask_keyring(account.token_keyring, keyring_seconds)
    return Success(None)


def _run(command: tuple[str, ...], seconds: float) -> Result[Secret | None, Problem]:
    """Run a program, without a shell and without input, and take the first line that it writes."""
    import subprocess

    def failed(reason: str) -> Failure[Problem]:
        fix = "Run it by hand: it must write the key, and nothing else, to its standard output."
        return Failure(NoCredential(place=f"the program {command[0]!r}", reason=reason, fix=fix))

    try:
        done = subprocess.run(  # noqa: S603  # the user names the program, as a list of arguments
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return failed(f"it did not end within {seconds:g} s")
    except OSError as error:
        return failed(error.strerror or str(error))
    key = done.stdout.decode("utf-8", "replace").partition("\n")[0].strip()
    if done.returncode != 0:
        return failed(f"it ended with status {done.returncode}")
    return Success(Secret(key)) if key else failed("it wrote nothing")


def _ask_keyring(entry: str, seconds: float) -> Result[Secret | None, Problem]:
    """Ask the keyring of the system, which may wait for a person, for no longer than a moment."""
    from queue import Empty, SimpleQueue
    from threading import Thread

    service, _, user = entry.rpartition("/")
    answers: SimpleQueue[str | Exception | None] = SimpleQueue()

    def failed(reason: str) -> Failure[Problem]:
        fix = "Unlock the keyring or store the key in it, or give token= or set QISKIT_IBM_TOKEN instead."
        return Failure(NoCredential(place=f"the keyring entry {entry!r}", reason=reason, fix=fix))

    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return failed("the keyring package is not installed (pip install 'qiskit-runtime-service[keyring]')")

    def ask() -> None:
        try:
            answers.put(keyring.get_password(service, user))
        except KeyringError as error:
            answers.put(error)

    # A keyring may wait for its password for ever, so the thread must not keep the process alive.
    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        return failed(f"it did not answer within {seconds:g} s")
    if isinstance(answer, Exception):
        return failed(str(answer) or type(answer).__name__)
    return Success(Secret(answer)) if answer else failed("it has no such entry")
