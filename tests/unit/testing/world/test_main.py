import signal
import subprocess
import sys
from pathlib import Path


def test_it_says_its_port_and_serves_until_it_is_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "opsconductor.testing.world", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert 0 < int(process.stdout.readline()) < 65536
        assert process.poll() is None
        process.kill()
    assert process.returncode == -signal.SIGKILL
