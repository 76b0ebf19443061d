"""One host from laying out its directory to stopping its last process."""

from pathlib import Path

import asyncssh

from opsconductor.domain.assets import AssetService
from opsconductor.domain.errors import Unavailable
from opsconductor.lab.command import end_left_commands
from opsconductor.lab.host_directory import lay_out
from opsconductor.lab.host_programs.host import FAILED, PORT_TAKEN, Service
from opsconductor.lab.host_programs.service_process import running
from opsconductor.lab.hosts import ADDRESS, USERNAME, HostSpec, LabHost
from opsconductor.lab.keys import key_pair, public_line
from opsconductor.lab.ports import PortBook
from opsconductor.lab.service_control import svc
from opsconductor.lab.ssh_server import HostSshServer

_PORT_ATTEMPTS = 3


class HostRun:
    """A host of the lab: its directory, its service's process and its SSH server."""

    def __init__(self, spec: HostSpec, lab_dir: Path, ports: PortBook) -> None:
        """Nothing is opened yet."""
        self._spec = spec
        self._root = lab_dir / spec.name
        self._host_key_path = lab_dir / "keys" / f"{spec.name}_host"
        self._client_key_path = lab_dir / "keys" / "client"
        self._ports = ports
        self._server: HostSshServer | None = None

    def lay_out(self) -> None:
        """Choose the service's port, write the directory, end commands that an earlier lab left. Raises OSError."""
        service = self._spec.service
        left = Service(str(self._root), service.name, service.protocol, 0)
        port = self._ports.port(self._label(service.name), in_use_by_us=running(left) is not None)
        lay_out(self._root, self._spec, port)
        end_left_commands(self._root)

    async def start(self, command_timeout_s: int) -> LabHost:
        """Start or adopt the service and open the SSH server. Raises Unavailable (`lab.start_failed`), OSError."""
        client_key = key_pair(self._client_key_path)
        host_key = key_pair(self._host_key_path)
        await self._start_service()
        self._server = HostSshServer(
            root=self._root, host_key=host_key, client_key=client_key, command_timeout_s=command_timeout_s
        )
        ssh_port = await self._listen(self._server)
        return self._describe(ssh_port, host_key)

    async def stop(self) -> list[str]:
        """Close the SSH server, end its commands, then the service; returns what did not end."""
        wrong = []
        if self._server is not None:
            try:
                await self._server.close()
            except TimeoutError:
                wrong.append(f"{self._spec.name}: a command did not end")
        if (self._root / "bin" / "svc").exists():
            status, said = await svc(self._root, "stop", self._spec.service.name)
            if status:
                wrong.append(f"{self._spec.name}: {said}")
        return wrong

    def _label(self, part: str) -> str:
        return f"{self._spec.name}/{part}"

    async def _start_service(self) -> None:
        """Another port when ours was taken meanwhile; a restart when what is left of last time hangs or is outdated."""
        name = self._spec.service.name
        verb, said = "restart" if self._runs_another_release() else "start", ""
        for _ in range(_PORT_ATTEMPTS):
            status, said = await svc(self._root, verb, name)
            if status == 0:
                return
            if status == PORT_TAKEN:
                lay_out(self._root, self._spec, self._ports.change(self._label(name)))
            elif status == FAILED and verb == "start":
                verb = "restart"
            else:
                break
        raise Unavailable("lab.start_failed", f"{self._spec.name} of the lab did not start: {said}.")

    def _runs_another_release(self) -> bool:
        """Whether a process of last time runs a release that is not the current one, such as a broken one."""
        service = self._spec.service
        left = running(Service(str(self._root), service.name, service.protocol, 0))
        return left is not None and left.version != (self._root / "opt" / service.name / "current").readlink().name

    async def _listen(self, server: HostSshServer) -> int:
        port = self._ports.port(self._label("ssh"))
        for _ in range(_PORT_ATTEMPTS):
            try:
                await server.listen(port)
            except OSError:
                port = self._ports.change(self._label("ssh"))
            else:
                return port
        raise Unavailable("lab.start_failed", f"{self._spec.name} of the lab found no free port for its SSH server.")

    def _describe(self, ssh_port: int, host_key: asyncssh.SSHKey) -> LabHost:
        spec = self._spec
        service_port = self._ports.port(self._label(spec.service.name), in_use_by_us=True)
        return LabHost(
            name=spec.name,
            address=ADDRESS,
            port=ssh_port,
            username=USERNAME,
            host_key=public_line(host_key),
            private_key_path=self._client_key_path,
            environment=spec.environment,
            services=(AssetService(name=spec.service.name, port=service_port),),
            role=spec.role,
            criticality=spec.criticality,
            directory=self._root,
        )
