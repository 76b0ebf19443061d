"""Risk levels are ordered."""

from opsconductor.domain.catalogue import RiskLevel


def test_risk_rises_from_low_to_critical() -> None:
    ordered = sorted(RiskLevel, key=lambda level: level.rank)
    assert [level.value for level in ordered] == ["low", "medium", "high", "critical"]
