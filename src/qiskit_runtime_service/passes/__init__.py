"""Passes: circuits to circuits, as Qiskit's pass managers run them. Nothing else lives here.

What they decide is a function of the circuit and of its arguments, but for angles that are drawn.
"""
