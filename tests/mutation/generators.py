"""Generates mutants of a module: comparisons, numbers, operators, rule ids, members of enumerations, deleted
elements and statements, dropped guards."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple

from tests.mutation.mutants import ROOT, Function, Mutant, Span, functions, source, span_of

MODULES: Final = (
    "claims/lifecycle.py",
    "claims/limits.py",
    "claims/guards.py",
    "claims/procedure.py",
    "claims/linked_claims.py",
    "claims/noted_messages.py",
    *(f"claims/{folder}/{file.name}" for folder in ("actions", "deadlines", "units")
      for file in sorted((ROOT / "claims" / folder).glob("[a-z]*.py"))),
    "claims/model/policy.py",
    "claims/model/terms.py",
    "claims/model/unit_account.py",
)  # fmt: skip
ONLY: Final = {"claims/model/terms.py": ("Colour",)}
"""Classes to which the mutants of a module are confined."""
ENUMS: Final = (
    "claims/model/terms.py",
    "claims/model/unit_account.py",
    "claims/limits.py",
    "claims/lifecycle.py",
)
ALIASES: Final = {"S": "Stage", "A": "Action"}
COMPARISONS: Final[dict[type[ast.cmpop], ast.cmpop]] = {
    ast.Lt: ast.LtE(),
    ast.LtE: ast.Lt(),
    ast.Gt: ast.GtE(),
    ast.GtE: ast.Gt(),
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
}
RULE_ID: Final = re.compile(r"R(\d+)$|§")


Node = ast.expr | ast.stmt | ast.pattern


class Change(NamedTuple):
    """A node and the text that replaces it; or all from the node to the beginning of the next one, or from the end of
    the one before."""

    node: Node
    new: str
    until: Node | None = None
    since: Node | None = None

    def span(self, path: str) -> Span:
        """Return the part of the file that is replaced."""
        start, end = span_of(path, self.node)
        start = span_of(path, self.since).end if self.since is not None else start
        return Span(start, span_of(path, self.until).start if self.until is not None else end)


def mutants(path: str) -> list[Mutant]:
    """Return all mutants of a module, in the order of its text."""
    tree = ast.parse(source(path))
    found = [
        mutant for statement in _statements(tree, path) for mutant in _of_statement(path, tree, statement)
    ]
    return sorted(set(found), key=lambda mutant: (mutant.span, mutant.new))


def _statements(tree: ast.Module, path: str) -> Iterator[ast.stmt]:
    """Yield every statement whose change may matter."""
    only = ONLY.get(path)
    for top in tree.body:
        if only is not None and getattr(top, "name", "") not in only:
            continue
        yield from (node for node in ast.walk(top) if isinstance(node, ast.stmt))


def _of_statement(path: str, tree: ast.Module, statement: ast.stmt) -> Iterator[Mutant]:
    own = list(_own_expressions(statement))
    last = max((node.end_lineno or 0 for node in own), default=statement.end_lineno or 0)
    function = _function_of(tree, statement)
    for change in (*_deletions(statement), *(change for node in own for change in _of_expression(node))):
        lines = (statement.lineno, max(last, statement.lineno))
        yield Mutant(path, change.span(path), change.new, function, lines)


def _function_of(tree: ast.Module, statement: ast.stmt) -> str:
    for name, function in functions(tree).items():
        if any(statement is node for part in function.body for node in ast.walk(part)):
            return name
    return ""


def _own_expressions(statement: ast.stmt) -> Iterator[ast.expr | ast.pattern]:
    """Yield the expressions of a statement, without those of the statements in it, its annotations and decorators."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    if isinstance(statement, Function | ast.ClassDef | ast.ImportFrom):
        parts: list[ast.AST] = [*statement.args.defaults] if isinstance(statement, Function) else []
    else:
        skipped = {"annotation", "body", "orelse", "finalbody", "handlers"}
        parts = [
            part
            for name, field in ast.iter_fields(statement)
            if name not in skipped
            for part in _nodes(field)
        ]
        parts += [case.pattern for case in getattr(statement, "cases", ())]
    for part in parts:
        yield from (node for node in ast.walk(part) if isinstance(node, ast.expr | ast.pattern))


def _nodes(field: object) -> list[ast.AST]:
    found = field if isinstance(field, list) else [field]
    return [node for node in found if isinstance(node, ast.AST) and not isinstance(node, ast.match_case)]


def _deletions(statement: ast.stmt) -> Iterator[Change]:
    match statement:
        case ast.Expr(ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Assign([ast.Attribute(), *_]):
            yield Change(statement, "pass")
        case ast.Assign([ast.Tuple([ast.Attribute(), *_])]):
            yield Change(statement, "pass")


def _of_expression(node: ast.expr | ast.pattern) -> Iterator[Change]:
    match node:
        case ast.Compare(left, [op], [right]):
            yield Change(node, ast.unparse(ast.Compare(left, [COMPARISONS[type(op)]], [right])))
        case ast.BoolOp(op, values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield Change(node, f"({ast.unparse(ast.BoolOp(other, values))})")
        case ast.UnaryOp(ast.Not(), operand):
            yield Change(node, f"({ast.unparse(operand)})")
        case ast.BinOp(left, (ast.Add() | ast.Sub()) as op, right):
            turned = ast.Sub() if isinstance(op, ast.Add) else ast.Add()
            yield Change(node, f"({ast.unparse(ast.BinOp(left, turned, right))})")
        case ast.Constant(value):
            yield from (Change(node, repr(other)) for other in _other_values(value))
        case ast.Attribute(ast.Name(enum), member):
            yield from (Change(node, f"{enum}.{other}") for other in _other_members(enum, member))
        case ast.Tuple([first, second]):
            yield from (Change(node, f"({ast.unparse(kept)},)") for kept in (first, second))
        case ast.Tuple(elements) | ast.List(elements) | ast.Set(elements) if len(elements) > 1:
            yield from _without_one(elements, elements)
        case ast.Dict(keys, values) if len(keys) > 1 and all(keys):
            yield from _without_one([key for key in keys if key is not None], values)


def _without_one(beginnings: list[ast.expr], ends: list[ast.expr]) -> Iterator[Change]:
    """Yield each element of a display deleted."""
    for element, following in pairwise(beginnings):
        yield Change(element, "", until=following)
    yield Change(ends[-1], "", since=ends[-2])


def _other_values(value: object) -> list[object]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1] if value else [1]
        case str() if RULE_ID.match(value):
            return [f"R{int(value[1:]) + 1}" if value[0] == "R" else "R99"]
    return []


def _other_members(enum: str, member: str) -> list[str]:
    """Return the next member of the enumeration; of the guards, none."""
    if enum == "guards":
        return [] if member in ("no_guard", "Guard") else ["no_guard"]
    members = _enumerations().get(ALIASES.get(enum, enum), [])
    return [members[(members.index(member) + 1) % len(members)]] if member in members else []


@cache
def _enumerations() -> dict[str, list[str]]:
    """Return the members of the enumerations, by name."""
    trees = [ast.parse(source(path)) for path in ENUMS]
    classes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    return {
        one.name: _members(one)
        for one in classes
        if any(ast.unparse(base) == "StrEnum" for base in one.bases)
    }


def _members(enumeration: ast.ClassDef) -> list[str]:
    assigned = [part.targets[0] for part in enumeration.body if isinstance(part, ast.Assign)]
    return [target.id for target in assigned if isinstance(target, ast.Name)]
