"""Kernel C -> the intermediate representation (rules L1, L7, C7, T3, T7, T10)."""
