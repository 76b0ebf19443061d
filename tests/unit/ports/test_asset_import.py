from opsconductor.ports.asset_import import ImportFault, bad_file


def test_the_message_words_the_first_fault_and_counts_the_others() -> None:
    faults = [ImportFault(line=4, column="ip", message="'x' is no IP address")] * 3
    error = bad_file("assets.csv", faults)
    assert error.message == "assets.csv: line 4, ip: 'x' is no IP address (2 more)."
    assert error.facts["fault_count"] == 3


def test_a_fault_of_the_whole_source_names_no_line() -> None:
    error = bad_file("assets.csv", [ImportFault(line=0, column="", message="it holds no asset")])
    assert error.message == "assets.csv: it holds no asset."
    assert error.facts["faults"] == [{"file": "", "line": 0, "column": "", "message": "it holds no asset"}]


def test_a_fault_in_another_file_names_it() -> None:
    error = bad_file("hosts", [ImportFault(file="group_vars/all", line=2, column="", message="no mapping")])
    assert error.message == "hosts: group_vars/all, line 2: no mapping."
