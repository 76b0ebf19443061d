from opsconductor.cli.render.plan_against_actual import comparison_lines


def test_what_was_to_change_nothing_is_not_compared() -> None:
    assert list(comparison_lines({"predicted": [], "estimate_s": 1.0, "actual_s": 0.1})) == []
    assert list(comparison_lines({})) == []


def test_what_differs_is_marked() -> None:
    compared = {
        "predicted": ["deploy on a", "deploy on b"],
        "changed": ["deploy on a"],
        "not_changed": ["deploy on b"],
        "undone": [],
        "estimate_s": 5.0,
        "actual_s": 12.04,
        "differences": ["Of 2 predicted changes 1 stands. Not made: deploy on b."],
    }
    assert list(comparison_lines(compared)) == [
        "  Predicted: deploy on a, deploy on b",
        "  Changed: deploy on a",
        "! Not changed: deploy on b",
        "  Estimated 5 s, took 12.0 s",
        "! Of 2 predicted changes 1 stands. Not made: deploy on b.",
    ]


def test_a_plan_that_went_as_predicted_has_no_mark() -> None:
    compared = {"predicted": ["x on a"], "changed": ["x on a"], "estimate_s": 5.0, "actual_s": None}
    assert list(comparison_lines(compared)) == ["  Predicted: x on a", "  Changed: x on a"]
