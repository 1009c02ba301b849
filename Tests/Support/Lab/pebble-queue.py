#!/usr/bin/env python3
"""pebble-queue.py LISTEN PEBBLE CA: hands POST requests on to Pebble, one at a time, in the order in which they come.

Pebble 2.4.0 locks itself up for good where a new order (FindValidAuthorization) holds its store and wants an authorization, while
another new order (AddChallenge), or a look at that authorization (GetAccountByKey, behind whoever wants to write), holds that and wants
the store. The more authorizations there are, the likelier: ten thousand orders, forty at a time, do not get past that.
"""
import http.client
import http.server
import ssl
import sys

NAMES = ("Content-Type", "Accept", "Accept-Language", "User-Agent", "Host")


class Queue(http.server.HTTPServer):
    request_queue_size = 512


class Handler(http.server.BaseHTTPRequestHandler):
    pebble = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.pebble.request("POST", self.path, body, {name: self.headers[name] for name in NAMES if name in self.headers})
        answer = self.pebble.getresponse()
        octets = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_):
        pass


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


Handler.pebble = http.client.HTTPSConnection(
    *address(sys.argv[2]), context=ssl.create_default_context(cafile=sys.argv[3]), timeout=60)
Queue(address(sys.argv[1]), Handler).serve_forever()
