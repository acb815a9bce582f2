"""Docker's Engine API on a unix socket, as much as SAM asks for: a container is a process of this machine.

Standard library only. It is no sandbox: what it starts runs with the rights of whoever started the engine.
"""
