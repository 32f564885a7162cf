"""Fetching: mail -> Series. Imports nothing of lorelens but errors."""
