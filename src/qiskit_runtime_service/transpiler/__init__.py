"""The door to passes for Qiskit's transpiler, where IBM's users look for them."""
