"""The web server: `python -m portal.serve --port 8000`. Uvicorn, with our logs."""

import argparse

import uvicorn

from portal import websockets


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m portal.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=1, help="one on SQLite: several writers starve each other")
    parser.add_argument("--proxies", default="127.0.0.1", help="addresses whose X-Forwarded-* headers are believed")
    parser.add_argument("--certificate", help="PEM file with the server's certificate: serves https")
    parser.add_argument("--key", help="PEM file with its key")
    options = parser.parse_args()
    uvicorn.run(
        "portal.asgi:application",
        host=options.host,
        port=options.port,
        workers=options.processes,
        forwarded_allow_ips=options.proxies,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        ws=websockets.Protocol,
        ws_max_size=websockets.MAX_BYTES,
        ws_ping_interval=websockets.PING_SECONDS,
        ws_ping_timeout=websockets.PONG_SECONDS,
        ws_per_message_deflate=False,  # it costs each socket 32 KB, and each event its compression again
    )


if __name__ == "__main__":
    main()
