"""Stage C: selected tools become a plan with resolved targets, an estimate, a risk and a digest."""
