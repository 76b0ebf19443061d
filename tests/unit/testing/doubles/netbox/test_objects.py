from opsconductor.testing.doubles.netbox.objects import device, virtual_machine


def test_a_row_becomes_a_device_with_nested_objects() -> None:
    row = {"name": "sw-1", "model": "C9200", "manufacturer": "Cisco", "site": "HQ", "ip": "10.0.0.1/24"}
    found = device(7, row)
    assert (found["id"], found["name"], found["status"]) == (7, "sw-1", {"value": "active", "label": "Active"})
    assert found["device_type"]["manufacturer"]["name"] == "Cisco"
    assert (found["site"]["slug"], found["tenant"], found["primary_ip"]["address"]) == ("hq", None, "10.0.0.1/24")


def test_a_row_becomes_a_virtual_machine() -> None:
    found = virtual_machine(7, {"name": "", "vcpus": "2", "memory_mb": "2048"})
    assert (found["name"], found["display"], found["vcpus"], found["memory"]) == (None, "unnamed (7)", 2.0, 2048)
