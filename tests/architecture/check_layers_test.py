"""The layer check finds what it is there to find: arrows up, arrows sideways, circles, unknown rooms."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check_layers"
TABLE = "low:\nleft: low\nright: low\ntop: *\n"


class CheckLayers(unittest.TestCase):
    def run_on(self, files, table=TABLE):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            (root / "table.txt").write_text(table)
            done = subprocess.run([sys.executable, CHECK, folder, root / "table.txt"],
                                  capture_output=True, text=True, timeout=60)
            return done.returncode, done.stdout + done.stderr

    def test_arrows_down_are_fine(self):
        code, said = self.run_on({"low/a.h": "", "left/b.h": '#include "low/a.h"\n',
                                  "top/c.cc": '#include <vector>\n#include "left/b.h"\n'})
        self.assertEqual(code, 0, said)
        self.assertIn("3 files", said)

    def test_an_arrow_up_is_named_with_its_line(self):
        code, said = self.run_on({"low/a.h": '// why\n#include "left/b.h"\n', "left/b.h": ""})
        self.assertEqual(code, 1)
        self.assertIn('low/a.h:2: low may not include "left/b.h"', said)

    def test_peers_do_not_see_each_other(self):
        code, said = self.run_on({"left/a.h": "", "right/b.h": '#  include "left/a.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn("right may not include", said)

    def test_files_in_a_circle_are_named(self):
        code, said = self.run_on({"low/a.h": '#include "low/b.h"\n', "low/b.h": '#include "low/c.h"\n',
                                  "low/c.h": '#include "low/a.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn("a circle: low/a.h -> low/b.h -> low/c.h -> low/a.h", said)

    def test_rooms_in_a_circle_are_named_even_where_the_table_allows_both_arrows(self):
        code, said = self.run_on({"left/a.h": '#include "right/b.h"\n', "left/c.h": "",
                                  "right/b.h": "", "right/d.h": '#include "left/c.h"\n'},
                                 "left: right\nright: left\n")
        self.assertEqual(code, 1)
        self.assertIn("a circle: left -> right -> left", said)

    def test_an_include_without_a_room_is_refused(self):
        code, said = self.run_on({"low/a.h": "", "low/b.h": '#include "a.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn('"a.h" names no room', said)

    def test_a_file_in_an_unknown_room_is_refused(self):
        code, said = self.run_on({"attic/a.h": ""})
        self.assertEqual(code, 1)
        self.assertIn("attic has no line in the table", said)

    def test_a_project_without_sources_is_an_error(self):
        code, said = self.run_on({})
        self.assertEqual(code, 1)
        self.assertIn("no source file", said)


if __name__ == "__main__":
    unittest.main()
