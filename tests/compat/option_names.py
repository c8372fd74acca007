"""The options of IBM's client. Runs in the environment of that client, not in ours.

Prints an object from the name of each class of options to the names of its fields, in order.
"""

import dataclasses
import json

from qiskit_ibm_runtime import options


def main() -> None:
    """Print the names."""
    found = ((name, getattr(options, name)) for name in dir(options))
    kinds = {name: kind for name, kind in found if isinstance(kind, type) and dataclasses.is_dataclass(kind)}
    print(json.dumps({name: [field.name for field in dataclasses.fields(kind)] for name, kind in kinds.items()}))


if __name__ == "__main__":
    main()
