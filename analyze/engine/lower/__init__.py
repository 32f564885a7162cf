"""Kernel C -> the intermediate representation (rules L1, L7, C7, T3, T7, T10)."""

from .function import lower_function as lower_function
from .function import lower_piece as lower_piece
