"""Mutants: small changes of the source, each of which a test should notice."""

import ast
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]


class Span(NamedTuple):
    """A part of a file, in bytes."""

    start: int
    end: int


class Mutant(NamedTuple):
    """One change of one file. `function`: the qualified name of the function whose body it changes, "" for the rest
    of a module. `lines`: the first and last line of the statement in which it is."""

    path: str
    span: Span
    new: str
    function: str
    lines: tuple[int, int]

    @property
    def module(self) -> str:
        """The module's dotted name."""
        return module_name(self.path)

    @property
    def old(self) -> str:
        """The text that it replaces."""
        return source(self.path)[self.span.start : self.span.end].decode()

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return source(self.path).count(b"\n", 0, self.span.start) + 1

    @property
    def mutated(self) -> bytes:
        """The whole file after the change."""
        before, after = source(self.path)[: self.span.start], source(self.path)[self.span.end :]
        return before + self.new.encode() + after

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What stays the same when other lines of the file change."""
        return self.path, self.function, one_line(self.old), one_line(self.new)


def module_name(path: str) -> str:
    """Return the dotted name of a module of ours."""
    return path.removesuffix(".py").replace("/", ".")


def one_line(text: str) -> str:
    """Return the text with each run of white space as one space."""
    return " ".join(text.split())


@cache
def source(path: str) -> bytes:
    """Return a file's source."""
    return (ROOT / path).read_bytes()


@cache
def line_starts(path: str) -> list[int]:
    """Return the offsets at which the lines begin."""
    starts = [0]
    for line in source(path).splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def span_of(path: str, node: ast.expr | ast.stmt | ast.pattern) -> Span:
    """Return the part of the file that a node takes up."""
    starts = line_starts(path)
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return Span(starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> dict[str, Function]:
    """Return the functions of a module and the methods of its classes, by qualified name."""
    found: dict[str, Function] = {}
    for node in tree.body:
        if isinstance(node, Function):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}": one for one in node.body if isinstance(one, Function)}
    return found


def replacing(path: str, old: str, new: str) -> Mutant:
    """Return the mutant that replaces a text which the file holds exactly once."""
    text = source(path)
    if text.count(old.encode()) != 1:
        raise LookupError(f"{path} holds {old!r} {text.count(old.encode())} times, not once")
    start = text.index(old.encode())
    span = Span(start, start + len(old.encode()))
    first, last = text.count(b"\n", 0, span.start) + 1, text.count(b"\n", 0, span.end - 1) + 1
    for name, function in functions(ast.parse(text)).items():
        if function.body[0].lineno <= first and last <= (function.end_lineno or 0):
            return Mutant(path, span, new, name, (first, last))
    return Mutant(path, span, new, "", (first, last))
