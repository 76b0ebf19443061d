"""An intent's label is how the other parts name it."""

from opsconductor.domain.knowledge import Intent, Mode


def test_a_label_is_category_and_action() -> None:
    intent = Intent(category="automation", action="service_restart", mode=Mode.ACT, description="", examples=())
    assert intent.label == "automation/service_restart"
