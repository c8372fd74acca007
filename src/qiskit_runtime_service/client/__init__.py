"""The service without Qiskit: files, environment, clock, threads and requests. What users hold is made of it."""
