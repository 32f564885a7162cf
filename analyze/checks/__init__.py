"""Checks: what a reviewer of mm knows, executable (docs/checks.md).

A check is one file: what it proves, what it assumes, an example that fires and one that stays silent. The
frame (frame.py) runs it on both images of a patch and says what is introduced, pre-existing, fixed, or fixed
by a later patch of the series.
"""
