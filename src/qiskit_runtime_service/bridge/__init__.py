"""Translation between records and Qiskit objects. The only room below the shell that imports qiskit."""
