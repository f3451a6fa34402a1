"""Patterns, where conditions look for them; intake, below this rung, reads the same ones."""

from leadqual.common.globs import MAX_GLOB, as_like, as_sqlite_glob, compile_glob

__all__ = ["MAX_GLOB", "as_like", "as_sqlite_glob", "compile_glob"]
