"""Loops and recursion of two versions that do not run in lockstep (rules L8, L9)."""
