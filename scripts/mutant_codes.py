"""Puts changed functions of a module in the place of those that are loaded, for scripts/mutant_trials.py."""

import gc
from collections.abc import Iterator
from types import CodeType, FunctionType

CO_NEWLOCALS = 2


def list_codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a module's code and that of its classes, functions and methods; what is inside a function goes with it."""
    yield code
    if not code.co_flags & CO_NEWLOCALS:
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from list_codes(constant)


def _describe(code: CodeType, *, is_whole: bool) -> tuple[object, ...]:
    """Return what a code does, without its lines. `is_whole`: with the functions inside it."""
    inside: list[object] = []
    for constant in code.co_consts:
        if not isinstance(constant, CodeType):
            inside.append((type(constant).__name__, repr(constant)))
        elif is_whole:
            inside.append(_describe(constant, is_whole=True))
    return (code.co_code, tuple(inside), code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)


def find_new_codes(before: str, after: str) -> dict[str, CodeType] | None:
    """Return the new code of each changed function by its qualified name; None when more than functions changed."""
    old, new = (list(list_codes(compile(source, "mutant", "exec", dont_inherit=True))) for source in (before, after))
    if [code.co_qualname for code in old] != [code.co_qualname for code in new]:
        return None
    changed: dict[str, CodeType] = {}
    for was, becomes in zip(old, new, strict=True):
        is_function = bool(was.co_flags & CO_NEWLOCALS)
        if _describe(was, is_whole=is_function) == _describe(becomes, is_whole=is_function):
            continue
        if not is_function or was.co_qualname in changed or was.co_freevars != becomes.co_freevars:
            return None
        changed[was.co_qualname] = becomes
    return changed


def list_functions(path: str, codes: dict[str, CodeType]) -> list[FunctionType]:
    """Return every loaded function of this file that has a new code, whoever holds it.

    Its type is looked at, not isinstance: that asks the lazy objects of libraries for a class, which may fail.
    """
    functions = [thing for thing in gc.get_objects() if type(thing) is FunctionType]
    return [
        function
        for function in functions
        if function.__code__.co_filename == path and function.__code__.co_qualname in codes
    ]
