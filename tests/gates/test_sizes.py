"""A file has at most 300 lines and a function at most 50; the message says where the next piece could go."""

import ast

from tests.gates.source import ROOT, list_modules

FILE_LINES = 300
FUNCTION_LINES = 50


def test_no_file_has_more_than_300_lines() -> None:
    sizes = {path: len((ROOT / path).read_text().splitlines()) for path in list_modules()}
    long = [f"{path}: {lines} lines; move one subject to a file of its own" for path, lines in sizes.items()]
    assert [line for line, (_, lines) in zip(long, sizes.items(), strict=True) if lines > FILE_LINES] == []


def test_no_function_has_more_than_50_lines() -> None:
    long = []
    for path in list_modules():
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                lines = node.end_lineno - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{path}:{node.lineno} {node.name}: {lines} lines; name its parts")
    assert long == []


def test_the_walk_finds_the_project() -> None:
    assert len(list_modules()) > 50
