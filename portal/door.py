"""The plain http port beside https: `python -m portal.door`.

It gives the authority's certificate away, says how a phone takes it, and sends every other page to https. Nothing of
the portal is served here: neither passwords nor photos go over the network unencrypted.
"""

import argparse
import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

CERTIFICATE = "/fieldport.crt"
PAGE = Template(Path(__file__).with_name("door.html").read_text(encoding="utf-8"))
_STYLE = re.search(r"<style>(.*?)</style>", PAGE.template, re.DOTALL)
_DIGEST = b64encode(hashlib.sha256(_STYLE[1].encode() if _STYLE else b"").digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def build_app(*, authority: Path, https_port: int, names: list[str]) -> Starlette:
    """Return the application; it answers for these host names only."""

    def page(request: Request) -> Response:
        found = x509.load_pem_x509_certificate(authority.read_bytes())
        called = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        shown = {
            "address": secure(request, "/"),
            "certificate": CERTIFICATE,
            "name": str(called),
            "fingerprint": found.fingerprint(hashes.SHA256()).hex(" ").upper(),
        }
        return HTMLResponse(PAGE.substitute({name: escape(each) for name, each in shown.items()}), headers=HEADERS)

    def certificate(_request: Request) -> Response:
        shape = {"Content-Disposition": 'attachment; filename="fieldport.crt"'}
        return Response(authority.read_bytes(), media_type="application/x-x509-ca-cert", headers=HEADERS | shape)

    def elsewhere(request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse(f"Send it to {secure(request, '/')}\n", status_code=403, headers=HEADERS)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(secure(request, request.url.path) + query, status_code=307, headers=HEADERS)

    def secure(request: Request, path: str) -> str:
        host = urlsplit(f"//{request.headers['host']}").hostname or "localhost"
        return f"https://{f'[{host}]' if ':' in host else host}:{https_port}{path}"

    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    routes: list[tuple[str, Callable[[Request], Response], list[str]]] = [
        ("/", page, ["GET"]),
        (CERTIFICATE, certificate, ["GET"]),
        ("/{path:path}", elsewhere, every),
    ]
    return Starlette(
        routes=[Route(path, handler, methods=methods) for path, handler, methods in routes],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)],
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portal.door", description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--https-port", type=int, required=True)
    parser.add_argument("--authority", type=Path, required=True, help="PEM file of the authority's certificate")
    parser.add_argument("--names", required=True, help="comma-separated host names that are answered")
    options = parser.parse_args()
    names = [re.sub(r"^\.", "*.", each) for each in options.names.split(",")]
    app = build_app(authority=options.authority, https_port=options.https_port, names=names)
    uvicorn.run(app, host=options.host, port=options.port, access_log=False, server_header=False, log_level="warning")


if __name__ == "__main__":
    main()
