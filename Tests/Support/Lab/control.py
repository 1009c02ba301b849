"""What the lab's helpers share: a control port for curl on loopback, and killing the client at a chosen moment."""
import http.server
import os
import signal
import threading
import time
import urllib.parse


def address(text):
    """'127.0.0.1:14443' as a pair."""
    host, port = text.rsplit(":", 1)
    return host, int(port)


def serve(where, commands):
    """Answers GET /NAME?key=value… at `where` with what commands[NAME](values) says; in a thread of its own."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            url = urllib.parse.urlsplit(self.path)
            command = commands.get(url.path.lstrip("/"))
            try:
                if command is None:
                    raise ValueError("there are: " + " ".join(commands))
                status, body = 200, command(dict(urllib.parse.parse_qsl(url.query, strict_parsing=bool(url.query))))
            except (ValueError, KeyError) as error:
                status, body = 400, repr(error)
            octets = ((body or "done") + "\n").encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(where, Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def kill(pidfile):
    """Kills outright the process whose number the file holds, and returns when it is gone: nothing it was about to do happens."""
    with open(pidfile) as file:
        pid = int(file.read())
    os.kill(pid, signal.SIGKILL)
    for _ in range(200):
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] in "ZX":
                    return
        except FileNotFoundError:
            return
        time.sleep(0.01)
    raise RuntimeError(f"process {pid} does not die")
