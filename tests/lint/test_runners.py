"""What counts tests and what runs clang-tidy and clang-format, each seen green and red."""

import concurrent.futures
import contextlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".ci"))
import clang_tidy  # noqa: E402
from count_tests import count  # noqa: E402

CLEAN = "#include <string>\n\nstd::string twice(const std::string& a) {\n    return a + a;\n}\n"
USE_AFTER_MOVE = """#include <string>
#include <utility>

std::string::size_type size(std::string a) {
    const std::string b = std::move(a);
    return a.size() + b.size();
}
"""


class Scratch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path


class Counting(Scratch):
    def counted(self, text: str | None, code: int) -> tuple[int, int, int]:
        report = self.folder / "report.xml"
        if text is not None:
            report.write_text(text)
        with contextlib.redirect_stderr(io.StringIO()):
            counts = count(str(report), code)
        return counts["passed"], counts["failed"], counts["skipped"]

    def test_outcomes(self):
        report = (
            "<testsuites><testsuite><testcase name='a'/><testcase name='b'/>"
            "<testcase name='c'><failure message='no'/></testcase>"
            "<testcase name='d'><error/></testcase>"
            "<testcase name='e'><skipped message='no data'/></testcase></testsuite></testsuites>"
        )
        self.assertEqual(self.counted(report, 1), (2, 2, 1))

    def test_a_program_that_dies_has_failed(self):
        self.assertEqual(self.counted(None, 139), (0, 1, 0))
        self.assertEqual(self.counted("<testsuites><testcase", 139), (0, 1, 0))
        passed = "<testsuites><testcase name='a'/></testsuites>"
        self.assertEqual(self.counted(passed, 0), (1, 0, 0))
        self.assertEqual(self.counted(passed, 1), (1, 1, 0))

    def test_no_test_at_all_has_failed(self):
        self.assertEqual(self.counted("<testsuites/>", 0), (0, 1, 0))


class ClangTidy(Scratch):
    def checked(self, text: str) -> tuple[bool, str]:
        shutil.copy(ROOT / ".clang-tidy", self.folder)
        source = self.file("a.cpp", text)
        command = f"clang++-19 -std=c++23 -c {source} -o a.o"
        unit = {"directory": str(self.folder), "file": str(source), "command": command}
        self.file("compile_commands.json", json.dumps([unit]))
        clean, words, _ = clang_tidy.check(str(source), self.folder)
        return clean, words

    def test_clean_code_passes(self):
        self.assertEqual(self.checked(CLEAN), (True, ""))

    def test_a_fault_is_found(self):
        clean, words = self.checked(USE_AFTER_MOVE)
        self.assertFalse(clean)
        self.assertIn("bugprone-use-after-move", words)

    def test_a_unit_is_read_without_precompiled_headers(self):
        precompiled = "-Xclang -include-pch -Xclang a.pch -Xclang -include -Xclang a.hxx"
        command = f"clang++-19 {precompiled} -c a.cpp"
        self.assertEqual(clang_tidy.without_precompiled(command), "clang++-19 -c a.cpp")

    def together(self, first: str, second: str) -> list[str]:
        """The clean ones of two units that are read as one."""
        shutil.copy(ROOT / ".clang-tidy", self.folder)
        self.file("compile_commands.json", "[]")
        units = {}
        (self.folder / "tests").mkdir()
        for name, text in {"tests/a.cpp": first, "tests/b.cpp": second}.items():
            source = str(self.file(name, text))
            command = f"clang++-19 -std=c++23 -o {name}.o -c {source}"
            units[source] = {"directory": str(self.folder), "file": source, "command": command}
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            clean = list(clang_tidy.clean_in_company(list(units), units, self.folder, 8, pool))
        return [Path(name).name for name in clean]

    def test_units_that_are_clean_together_are_clean(self):
        self.assertEqual(self.together(CLEAN, "int other() { return 2; }\n"), ["a.cpp", "b.cpp"])

    def test_a_fault_is_found_in_company(self):
        self.assertEqual(self.together("int other() { return 2; }\n", USE_AFTER_MOVE), [])

    def test_units_with_a_name_in_common_are_not_read_together(self):
        local = "namespace {\nstruct row {\n    int a;\n};\nint page = 2;\n}  // namespace\n"
        self.assertEqual(clang_tidy.local_names(local), {"row", "page"})
        self.assertEqual(self.together(local, local), [])

    def test_a_change_of_anything_that_was_read_is_a_new_key(self):
        header = self.file("a.hpp", "int a;\n")
        unit = {"command": "clang++-19 -c a.cpp"}
        keys = {clang_tidy.key(unit, [str(header)], "checks")}
        keys.add(clang_tidy.key(unit, [str(header)], "other checks"))
        keys.add(clang_tidy.key({"command": "clang++-19 -O2 -c a.cpp"}, [str(header)], "checks"))
        header.write_text("long a;\n")
        clang_tidy.fingerprint.cache_clear()
        keys.add(clang_tidy.key(unit, [str(header)], "checks"))
        self.assertEqual(len(keys), 4)


class Format(Scratch):
    def formatted(self, text: str) -> bool:
        shutil.copy(ROOT / ".clang-format", self.folder)
        command = ["clang-format-19", "--dry-run", "-Werror", "--style=file"]
        command.append(str(self.file("a.cpp", text)))
        return subprocess.run(command, capture_output=True).returncode == 0

    def test_both_outcomes(self):
        self.assertTrue(self.formatted(CLEAN))
        self.assertFalse(self.formatted(CLEAN.replace("    return", "  return")))


class Packages(unittest.TestCase):
    def test_the_list_has_no_package_twice_and_not_the_old_boost(self):
        lines = (ROOT / ".ci" / "packages.txt").read_text().splitlines()
        names = [name for line in lines if (name := line.split("#")[0].strip())]
        self.assertEqual(len(names), len(set(names)))
        self.assertNotIn("libboost-dev", names)


if __name__ == "__main__":
    unittest.main()
