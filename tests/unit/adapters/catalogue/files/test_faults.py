"""Faults are kept once, in order, with a remedy that names the nearest word."""

from opsconductor.adapters.catalogue.files.faults import MAX_FAULTS, Faults, did_you_mean


def test_faults_are_sorted_by_file_and_line_and_kept_once() -> None:
    faults = Faults()
    for file, line in (("b", 2), ("a", 9), ("b", 1), ("b", 2), ("a", 10)):
        faults.add(file, line, "x", "y")
    assert [(fault.file, fault.line) for fault in faults.sorted()] == [("a", 9), ("a", 10), ("b", 1), ("b", 2)]
    assert len(faults) == 4


def test_faults_are_many_but_not_endless() -> None:
    faults = Faults()
    for line in range(MAX_FAULTS + 50):
        faults.add("a", line, "x", "y")
    assert len(faults.sorted()) == MAX_FAULTS


def test_the_nearest_word_is_offered() -> None:
    assert did_you_mean("hots", ["host", "service"], "Use one of") == "Did you mean host?"
    assert did_you_mean("zzz", ["host", "service"], "Use one of") == "Use one of: host, service."
    assert did_you_mean("zzz", [], "Use one of") == "There are none; write one first."
