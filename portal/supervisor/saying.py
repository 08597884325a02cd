"""What the supervisor says on the terminal."""

from portal.settings.running import RunOptions
from portal.supervisor.programs import public_url
from portal.supervisor.readiness import Readiness


def say(text: str) -> None:
    print(text, flush=True)


def ready(state: Readiness, *, seconds: float) -> str:
    if state.ready:
        return f"\nFieldport is ready, after {seconds:.1f} s.\n"
    lacking = ", ".join(state.lacking) if state.answers else "the web server"
    return f"\nFieldport runs, but not all of it works yet: {lacking}. The logs say why.\n"


def welcome(options: RunOptions, found: dict[str, str]) -> str:
    lines = [("Open", f"{public_url(options)}/admin/"), *_account(found), *_demonstration(options, found)]
    lines += [("Data", str(options.data_dir)), ("Logs", str(options.data_dir / "logs")), ("Stop", "Ctrl-C")]
    if found["held_back"]:
        lines.append(("Note", f"Writes are recorded, not sent. {found['held_back']}"))
    return "\n" + "\n".join(f"  {name:<8} {text}" for name, text in lines) + "\n"


def account(found: dict[str, str]) -> str:
    """Said at once, since it cannot be said again."""
    return f"\nAn administrator was created: admin, password {found['password']}   (shown only now; keep it)\n"


def _account(found: dict[str, str]) -> list[tuple[str, str]]:
    if found["password"]:
        return [("Log in", "as admin, with the password shown above")]
    return [("Log in", "with your account; forgotten: .venv/bin/python manage.py changepassword admin")]


def _demonstration(options: RunOptions, found: dict[str, str]) -> list[tuple[str, str]]:
    if not options.demo:
        return [("Next", "the index page shows the six steps to the first confirmed write")]
    return [
        ("Look", "a simulated WorkLink CMS plays sessions every few seconds. Open Work orders, pick the one changed"),
        ("", "last, and follow a session from its webhook to the write into the sample system of record."),
        ("", "Photos of meters arrive too, with the verdicts of a simulated Deepomatic site, and what cameras"),
        ("", "of a simulated OMNI Platform recognise: Events shows it, Deliveries what of it goes on."),
        *_camera(options, found["camera_token"]),
        ("", "Without the demonstration: make run DEMO=0 DATA_DIR=another-directory"),
    ]


def _camera(options: RunOptions, token: str) -> list[tuple[str, str]]:
    if not token:
        return []
    phones = "" if options.https else " A phone needs HTTPS=1."
    return [
        ("Camera", f"open Connector tokens, the one of the demonstration, Example addresses.{phones}"),
        ("", f"QR codes for a phone appear there with this token: {token}"),
    ]
