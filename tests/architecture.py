"""House law that can be read from the source: who imports whom, how long things may be, what is not there."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A package may import the packages on lower rungs; the roof imports everything and is imported by nothing.
RUNGS = {
    "leadqual.common": 0,
    "leadqual.leads": 1,
    "segments": 2,
    "leadqual.scoring": 3,
    "leadqual.messaging": 3,
    "journeys": 4,
    "handoff": 5,
    "leadqual.improvement": 6,
    "leadqual.operations": 6,
    "leadqual.tracking": 6,
    "leadqual.desk": 6,
    "leadqual.api": 6,
    "leadqual.demo": 7,
}
ROOF = {"settings", "schedule", "urls", "api_urls", "celery", "wsgi", "asgi", "__init__"}
# What may use less than its rung allows.
ONLY = {"leadqual.messaging": {"leadqual.common", "leadqual.leads"}}

FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES = 320, 400, 45
DRAWERS = {"services.py", "utils.py", "helpers.py", "managers.py"}
IMPORTERS = {"import_module", "import_string", "__import__"}
PRODUCT = ("leadqual", "segments", "journeys", "handoff")


@dataclass(frozen=True)
class Fault:
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def package_of(module: str) -> str | None:
    """The rung's package a dotted module belongs to; None for the roof and for foreign modules."""
    parts = module.split(".")
    for length in (2, 1):
        if (name := ".".join(parts[:length])) in RUNGS:
            return name
    return None


def is_roof(module: str) -> bool:
    parts = module.split(".")
    return parts[0] == "leadqual" and (len(parts) == 1 or parts[1] in ROOF)


def sources(root: Path, folders: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path, path.relative_to(root).as_posix()


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module named by an import, also inside functions, and by `import_module("...")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield node.lineno, base
            if base == "leadqual":
                yield from ((node.lineno, f"leadqual.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in IMPORTERS and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield node.lineno, argument.value


def called(call: ast.Call) -> str:
    """The last name of what is called: `importlib.import_module(...)` is import_module."""
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def climbing(name: str, importer: str, module: str, line: int) -> Iterator[Fault]:
    package = package_of(module)
    if package is None:
        if is_roof(module) and module != "leadqual":
            yield Fault(name, line, f"{importer} imports the roof ({module})")
        return
    if package == importer:
        return
    if RUNGS[package] >= RUNGS[importer] or package not in ONLY.get(importer, {package}):
        yield Fault(name, line, f"{importer} may not import {package}")


def import_faults(root: Path) -> Iterator[Fault]:
    for path, name in sources(root, PRODUCT):
        module = ".".join(Path(name).with_suffix("").parts)
        importer = package_of(module)
        for line, target in imported(ast.parse(path.read_text())):
            if target.startswith("."):
                yield Fault(name, line, "relative import")
            elif importer is not None:
                yield from climbing(name, importer, target, line)
            elif not is_roof(module):
                yield Fault(name, 1, f"{module} stands on no rung")


def size_faults(root: Path) -> Iterator[Fault]:
    for path, name in sources(root, (*PRODUCT, "tests", "benchmarks")):
        text = path.read_text()
        most = TEST_FILE_LINES if name.startswith("tests/") else FILE_LINES
        lines = text.count("\n")
        if "/migrations/" in name:
            continue
        if lines > most:
            yield Fault(name, most, f"{lines} lines, at most {most}")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    yield Fault(
                        name, node.lineno, f"{node.name} has {length} lines, at most {FUNCTION_LINES}"
                    )


def habit_faults(root: Path) -> Iterator[Fault]:
    for path, name in sources(root, PRODUCT):
        if path.name in DRAWERS:
            yield Fault(name, 1, "a file is named after what the business does in it")
        for node in ast.walk(ast.parse(path.read_text())):
            called = isinstance(node, ast.Name) and node.id == "post_save"
            if called or (isinstance(node, ast.Attribute) and node.attr == "post_save"):
                yield Fault(name, node.lineno, "post_save: name a signal for what happened")
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                yield Fault(name, node.lineno, "star import")


def faults(root: Path) -> list[Fault]:
    return [*import_faults(root), *size_faults(root), *habit_faults(root)]
