"""What an editor is told about a script that cannot be compiled; it is never run."""

import time

import pytest

from integrations.scripts.sandbox import Program, Sandbox, SyntaxProblem


def check(sandbox: Sandbox, source: str) -> list[SyntaxProblem]:
    return sandbox.check(Program("javascript", source))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "async function run(ctx) { return await ctx.http.get('/') }",
        "'use strict'; const run = () => 1",
        "throw new Error('this is not run')",
        "for (;;);",
        "const a = 1; // the last line is a comment",
        "/* a comment */ 'use strict'\nconst run = () => 1",
    ],
)
def test_a_script_that_compiles_has_no_problem_and_is_not_run(source: str, sandbox: Sandbox) -> None:
    started_at = time.monotonic()

    assert check(sandbox, source) == []
    assert time.monotonic() - started_at < 2


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ("let a = ;", 1, 9, "unexpected token"),
        ("let a = 1;\n\n  let b = ;", 3, 11, "unexpected token"),
        ("function run() {\n", 2, 1, "unexpected end of the script"),
        ("const text = 'never closed", 1, 14, "unexpected end of string"),
        ("'use strict';\nwith (a) {}", 2, 1, "with"),
        ("return 1", 1, 1, "return not in a function"),
        ("let a; let a;", 1, 12, "a"),
        ("function run() { await 1 }", 1, 24, "expecting"),
        ("import os from 'os'", 1, None, ""),
    ],
)
def test_a_problem_has_its_place(source: str, line: int, column: int | None, words: str, sandbox: Sandbox) -> None:
    (problem,) = check(sandbox, source)

    assert problem.line == line
    assert column is None or problem.column == pytest.approx(column, abs=1)
    assert words in problem.message


@pytest.mark.parametrize(
    ("source", "place", "words"),
    [
        ("a\n  \0b", (2, 3), "NUL"),
        ("\n" * 6000, (2990, 1), "lines"),
        ("x" * 300_000, (1, 1), "300000 bytes"),
    ],
)
def test_what_is_not_even_compiled(source: str, place: tuple[int, int], words: str, sandbox: Sandbox) -> None:
    (problem,) = check(sandbox, source)

    assert (problem.line, problem.column) == place
    assert words in problem.message


@pytest.mark.parametrize(
    "source", ["(" * 100_000, "[" * 200_000, "a=>" * 80_000, "`${" * 60_000, "/" + "(" * 100_000 + "/", "\ud800 é 🙂"]
)
def test_a_script_made_to_hurt_the_compiler_is_only_a_problem(source: str, sandbox: Sandbox) -> None:
    problems = check(sandbox, source)

    assert all(isinstance(each, SyntaxProblem) for each in problems)
    assert check(sandbox, "const run = () => 1") == []
