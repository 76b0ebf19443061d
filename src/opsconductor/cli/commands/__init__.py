"""The commands; heavy parts are imported when one runs, so that `--help` stays quick."""
