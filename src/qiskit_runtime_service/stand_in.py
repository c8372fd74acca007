"""`python -m qiskit_runtime_service.stand_in program.py`: a program written for IBM's client runs with this library."""

import sys

from .testing.import_hook import main

if __name__ == "__main__":
    sys.exit(main())
