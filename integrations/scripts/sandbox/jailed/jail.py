"""The walls of the jail, from inside. Nothing here can be undone by the process that called it."""


def settle() -> None:
    pass


def enter() -> str:
    return "none"
