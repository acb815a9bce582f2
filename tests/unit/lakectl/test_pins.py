"""Requirements are read as uv writes them."""

from __future__ import annotations

from pathlib import Path

from lakectl.pins import Jar, jars_in, packages_in

LISTED = """\
a-b==1.0 \\
    --hash=sha256:1a \\
    --hash=sha256:1b
C.d==2 ; sys_platform == 'win32' \\
    --hash=sha256:2a
e==3 ; python_full_version < '3.12' \\
    --hash=sha256:3a
# f==4
"""


def test_packages_are_read_with_their_digests_and_markers(tmp_path: Path) -> None:
    (tmp_path / "listed.txt").write_text(LISTED)
    found = list(packages_in(tmp_path / "listed.txt"))
    assert [(one.name, one.version, one.digests) for one in found] == [
        ("a-b", "1.0", ("1a", "1b")),
        ("c-d", "2", ("2a",)),
        ("e", "3", ("3a",)),
    ]
    assert [one.name for one in found if one.is_for("3.11")] == ["a-b", "e"]
    assert [one.name for one in found if one.is_for("3.12")] == ["a-b"]
    assert {"a-b"} <= {one.name for one in found if one.is_for()} <= {"a-b", "e"}


def test_jars_are_read_with_their_digest(tmp_path: Path) -> None:
    (tmp_path / "jars.txt").write_text("# group:artifact:version digest\norg.sea:net:1.2 aa\n")
    assert list(jars_in(tmp_path / "jars.txt")) == [Jar("org.sea", "net", "1.2", "aa")]
