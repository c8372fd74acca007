"""The door to the order in which dynamic circuits are scheduled, where IBM's users look for it."""

from ....passes.block_order import block_order_op_nodes

__all__ = ["block_order_op_nodes"]
