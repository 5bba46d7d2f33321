"""The house rules, each seen green and red."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".ci"))
from tidy import problems  # noqa: E402

HEADER = "#pragma once\n\n// Counts things.\n\n"
LONG = "    work();\n" * 70
MARKER = "TO" + "DO"

# (path, text, part of the complaint)
BAD = [
    ("events/a.cpp", "int a = 1;" + " " * 90 + "// far\n", "columns"),
    ("events/a.cpp", "int a;\n" * 501, "file of 501 lines"),
    ("events/a.cpp", "int a;", "no newline"),
    ("events/a.cpp", "\tint a;\n", "tab"),
    ("events/a.cpp", "int a; \n", "blanks"),
    ("events/a.cpp", f"// {MARKER}: later\n", "marker"),
    ("docs/a.md", f"# A\n\n{MARKER}\n", "marker"),
    ("docs/a.md", "# A\n\n\u201cquoted\u201d\n", "ASCII quotes"),
    ("docs/a.md", "# A\n\n# B\n", "Title"),
    ("docs/a.md", "text\n", "Title"),
    ("docs/a.md", "# A\n\n```\ncode\n", "fence"),
    ("docs/a.md", "# A\n" + "<" * 7 + " HEAD\n", "conflict"),
    ("events/a.hpp", "// First.\n#pragma once\n", "pragma once"),
    ("events/a.hpp", "#pragma once\n\nint a();\n", "what the header is for"),
    ("events/a.hpp", "#pragma once\n\n// Counting\n\nint a();\n", "whole sentence"),
    ("events/a.cpp", "#include <regex>\n", "regex"),
    ("infra/a.cpp", "std::regex r;\n", "regex"),
    ("infra/a.cpp", "#include <format>\n", "fmt"),
    ("query/a.cpp", "auto r = PQexec(c, text.c_str());\n", "libpq only"),
    ("query/a.cpp", "PQsendQueryParams(c, text.c_str());\n", "libpq only"),
    ("infra/a.cpp", "auto* p = new thing(1);\n", "owner"),
    ("infra/a.cpp", "void f() { delete p; }\n", "owner"),
    ("infra/a.cpp", "void f() { try { g(); } catch (...) {\n} }\n", "swallowed"),
    ("events/a.cpp", '#include "infra/asio.hpp"\n', "must not depend on infra"),
    ("commands/a.cpp", '#include "commands/writer/a.hpp"\n', "must not depend on commands/writer"),
    ("infra/a.cpp", '#include "commands/a.hpp"\n', "must not depend on commands"),
    ("infra/a.cpp", '#include "app/a.hpp"\n', "must not depend on app"),
    ("query/a.cpp", '#include "gateway/a.hpp"\n', "must not depend on gateway"),
    ("query/a.cpp", '#include "a.hpp"\n', "from the root"),
    ("query/a.cpp", '#include "../events/a.hpp"\n', "from the root"),
    ("events/a.cpp", "#include <boost/asio/post.hpp>\n", "pure"),
    ("commands/a.cpp", "#include <random>\n", "pure"),
    ("commands/a.cpp", "auto t = std::chrono::system_clock::now();\n", "pure"),
    ("infra/a.cpp", f"namespace x {{\nvoid f(int a)\n{{\n{LONG}}}\n}}\n", "function of 73 lines"),
    ("infra/a.cpp", f"class x {{\n    x() : a_{{1}} {{\n{LONG}}}\n}};\n", "function of 72 lines"),
    ("infra/a.cpp", f"template <class T = int>\nvoid f(T a = {{}}) {{\n{LONG}}}\n", "73 lines"),
    ("infra/a.cpp", f"x& operator=(const x&) {{\n{LONG}}}\n", "function of 72 lines"),
    ("tests/unit/a.cpp", f'TEST_CASE("x") {{\n{LONG}}}\n', "function of 72 lines"),
    (".ci/a.py", "def f():\n" + "    g()\n" * 70, "function of 71 lines"),
    (".ci/a.py", "def f(:\n", "does not parse"),
]

GOOD = [
    ("events/a.hpp", HEADER + '#include "events/b.hpp"\n\nint a();\n'),
    ("infra/a.cpp", f"namespace x {{\nstruct y {{\n{LONG}}};\n}}\n"),
    ("infra/a.cpp", "const table t[] = {\n" + '    {f(1), "x"},\n' * 80 + "};\n"),
    ("infra/a.cpp", "void f() {\n" + "    g();\n" * 68 + "}\n"),
    ("infra/a.cpp", "// std::regex crashes; new thing(1), delete p\nint a;\n"),
    ("infra/postgres/a.cpp", 'auto r = PQexec(c.get(), "listen x");\n'),
    ("infra/a.cpp", "a(const a&) = delete;\nauto operator new(std::size_t) = delete;\n"),
    ("app/a.cpp", '#include "gateway/a.hpp"\n#include "infra/b.hpp"\n'),
    ("commands/writer/a.cpp", '#include "infra/a.hpp"\n#include <boost/asio/post.hpp>\n'),
    ("infra/a.cpp", 'auto sql = R"(delete from x)";\nauto t = "new thing(";\n'),
    ("infra/a.cpp", "auto p = std::unique_ptr<thing>(new thing(1));\n"),
    ("infra/a.cpp", "using namespace std::chrono_literals;\n"),
    ("docs/a.md", "# A\n\n```sh\n# a comment\n```\n"),
    ("docs/generated/a.md", "no title \n"),
    (".ci/a.py", "def f():\n    return 1\n"),
]


class Tidy(unittest.TestCase):
    def test_each_rule_is_seen_red(self):
        for path, text, complaint in BAD:
            with self.subTest(path=path, complaint=complaint):
                found = [problem for _, problem in problems(path, text)]
                self.assertTrue(any(complaint in problem for problem in found), found)

    def test_what_is_allowed_passes(self):
        for path, text in GOOD:
            with self.subTest(path=path, text=text[:60]):
                self.assertEqual(list(problems(path, text)), [])


if __name__ == "__main__":
    unittest.main()
