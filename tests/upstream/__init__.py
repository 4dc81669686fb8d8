"""Comparison with releases of upstream."""
