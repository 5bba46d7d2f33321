"""The co_await check, seen green on what is allowed and red on each thing that is not."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".ci"))
from lint_coroutines import violations  # noqa: E402

GOOD = [
    "co_await f(a);",
    "co_await f(a, std::move(b), g(c));",
    "auto x = co_await f(a);",
    "const auto& [a, b] = co_await f();",
    "std::optional<int> x = co_await f();",
    "total += co_await f(a);",
    "co_return co_await f(a);",
    "co_return made{1, 2};",
    "auto got = co_await (read(a) || wait(b));",
    "if (ready) { co_await f(); } else { co_await g(); }",
    "if (ready) co_await f();",
    "for (auto& x : xs) co_await f(x);",
    "switch (k) { case kind::a: co_await f(); break; default: co_await g(); }",
    "co_spawn(ex, [](auto c) -> task<void> { co_await f(c); }, detached);",
    "auto run = [&]() -> task<int> { auto x = co_await f(); co_return x; };",
    "made m{1, 2}; co_await f(m);",
    "// if (co_await f()) {\nf(\"co_await g({})\");",
    "/* x{co_await f()} */",
    "auto s = R\"(if (co_await f()))\";",
    "#define WAIT(x) if (co_await x)\nint a;",
    "auto n = 1'000'000; co_await f(n);",
]

BAD = [
    "if (co_await f()) { g(); }",
    "while (co_await f()) {}",
    "switch (co_await f()) {}",
    "for (auto x = co_await f(); x; ) {}",
    "for (auto& x : co_await f()) {}",
    "g(co_await f());",
    "REQUIRE(co_await f() == 1);",
    "made m{co_await f()};",
    "made m{1, co_await f()};",
    "made m{.a = co_await f()};",
    "co_return made{co_await f(), 1};",
    "auto x = ready ? co_await f() : 0;",
    "auto x = co_await f() ? 1 : 2;",
    "co_await f(made{a, b});",
    "co_await f({.x = a});",
    "co_await f([c] { return c; });",
    "co_await co_spawn(ex, [c]() -> task<void> { co_return; }, use_awaitable);",
    "auto x = co_await f() + co_await g();",
    "auto x = 1 + co_await f();",
    "co_return 1 + co_await f();",
    "auto x = made{1} + co_await f();",
    "x = y = co_await f();",
    "static_cast<void>(co_await f());",
    "return co_await f();",
]


class Coroutines(unittest.TestCase):
    def test_the_three_shapes_pass(self):
        for snippet in GOOD:
            with self.subTest(snippet):
                self.assertEqual(list(violations(snippet)), [])

    def test_everything_else_is_found(self):
        for snippet in BAD:
            with self.subTest(snippet):
                self.assertNotEqual(list(violations(f"task<int> f() {{ {snippet} }}")), [])

    def test_the_line_is_right(self):
        source = 'int a;\n/* x\n y */\nauto s = R"(\n)";\n#define A \\\n b\n' + BAD[5]
        self.assertEqual([line for line, _ in violations(source)], [8])


if __name__ == "__main__":
    unittest.main()
