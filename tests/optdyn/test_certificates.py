"""`optdyn verify --certificates`: files that are accepted, and who accepts them."""

import json

from theory.claims.certificates import check


def test_the_command_writes_certificates_and_says_who_accepts_them(optdyn, folder):
    asked = ("arsg.system_matrix", "l4.polyak", "problems.condition_number")
    result = optdyn("verify", *asked, "--jobs", "1", "--certificates", "new/folder", "--json", "found.json")
    assert result.exit_code == 0, result.output
    written = folder / "new" / "folder"
    proved = ["arsg.system_matrix.json", "l4.polyak.json"]
    assert sorted(path.name for path in written.iterdir()) == sorted(["check.py", "coq", "index.json", *proved])
    assert [path.name for path in (written / "coq").iterdir()] == ["arsg_system_matrix.v"]  # the other divides
    assert check.main(written) == 0
    assert "check.py accepts 2" in " ".join(result.output.split())
    found = {entry["id"]: entry["evidence"] for entry in json.loads((folder / "found.json").read_text())["findings"]}
    assert found["l4.polyak"]["accepted_by"][0] == "check.py"
    assert "accepted_by" not in found["problems.condition_number"]


def test_a_folder_that_is_a_file_is_refused_before_any_check(optdyn, folder):
    (folder / "taken").write_text("a file")
    result = optdyn("verify", "l4.polyak", "--certificates", "taken")
    assert result.exit_code == 2
    assert "taken is a file" in " ".join(result.output.split())
