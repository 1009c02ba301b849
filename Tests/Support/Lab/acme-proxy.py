#!/usr/bin/env python3
"""A strict ACME proxy before Pebble: it adds what Pebble lacks, and breaks what it is told to. All else stays Pebble's.

acme-proxy.py LISTEN CONTROL PEBBLE CERTIFICATE KEY CA: three addresses as host:port, then PEM files: what it shows, and what
it trusts Pebble by. Pebble makes URLs of the Host header, which is handed on: so every further request comes here.

It adds
  renewalInfo (RFC 9773): GET <base>/<CertID> of a certificate that was fetched through here; `replaces` of a newOrder is checked
  profiles (draft-ietf-acme-profiles): those of PROFILES; any other is refused
  caaIdentities (RFC 8555 section 9.7.6): pebble.test; nobody here looks at CAA but the client
It refuses, and lists under /violations, what RFC 8555 forbids and Pebble lets pass: section 6.1 to 6.5 and 7.4.2.

The control port takes, by GET:
  /fault?kind=K&do=A[&nth=N][&times=T]…   at the N-th request of kind K ('any': of all) from now on, T times in a row:
      do=answer&status=429|503[&wait=SECONDS][&form=seconds|date][&bare=1]  answered here, with Retry-After; bare: no problem
      do=answer&status=N&problem=JSON  answered with this problem document
      do=refuse | do=lose        the connection ends before the request is handed on | after Pebble answered
      do=cut | do=delay&seconds=S  half of the answer | the whole of it, later
      do=kill-before | do=kill-after, &pidfile=F  as refuse and lose, the client killed in that moment
  /window?start=S&end=E[&url=U][&wait=W]   the window of all certificates, in seconds from now; without arguments the usual again
  /forgive   no fault any more
  /counts /log /issued /violations /reset  requests by kind; all of them; certificates by name; what was forbidden; forget all
"""
import base64
import binascii
import collections
import datetime
import email.utils
import http.client
import http.server
import json
import re
import ssl
import sys
import threading
import time

import control

PROFILES = {"classic": "as ever", "short": "for a few days"}
KINDS = {  # Pebble's paths
    "/dir": "directory", "/nonce-plz": "newNonce", "/sign-me-up": "newAccount", "/order-plz": "newOrder",
    "/my-account": "account", "/my-order": "order", "/authZ": "authorization", "/chalZ": "challenge",
    "/finalize-order": "finalize", "/certZ": "certificate", "/rollover-account-key": "keyChange",
    "/revoke-cert": "revokeCert", "/renewal-info": "renewalInfo", "/list-orderz": "orders",
}
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.S)


class Refused(Exception):
    """An answer of ours: an ACME problem."""

    def __init__(self, status, kind, detail, headers=()):
        super().__init__(detail)
        self.status, self.headers = status, dict(headers)
        self.is_wrong = status not in (403, 404, 409) and kind != "invalidProfile"  # what a client can't know is no fault
        self.problem = {"type": f"urn:ietf:params:acme:error:{kind}", "detail": detail, "status": status}


def decoded(text):
    """base64url without padding, and nothing else (RFC 8555 section 6.1)."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Refused(400, "malformed", f"'{text[:80]}' is no unpadded base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def elements(der):
    """The (tag, contents) in the contents of a DER sequence."""
    while der:
        length, skip = der[1], 2
        if length & 0x80:
            skip += length & 0x7F
            length = int.from_bytes(der[2:skip], "big")
        yield der[0], der[skip : skip + length]
        der = der[skip + length :]


def certificate_facts(pem):
    """(CertID by RFC 9773 section 4.1, start, end) of the first certificate in `pem`."""
    der = base64.b64decode(PEM.search(pem).group(1))
    (_, whole), = elements(der)
    fields = list(elements(next(elements(whole))[1]))
    serial = next(contents for tag, contents in fields if tag == 0x02)
    times = [
        datetime.datetime.strptime(("20" if tag == 0x17 else "") + text.decode(), "%Y%m%d%H%M%SZ")
        for tag, text in elements([contents for tag, contents in fields if tag == 0x30][2])
    ]
    (_, extensions), = elements(fields[-1][1])
    for _, extension in elements(extensions):
        parts = [contents for _, contents in elements(extension)]
        if parts[0] == b"\x55\x1d\x23":
            (_, identifier), = elements(parts[-1])
            key = next(contents for tag, contents in elements(identifier) if tag == 0x80)
            start, end = (time.replace(tzinfo=datetime.timezone.utc).timestamp() for time in times)
            return f"{encoded(key)}.{encoded(serial)}", start, end
    raise ValueError("the certificate does not name its issuer's key")


class World:
    """What the proxy saw and was told."""

    def __init__(self):
        self.lock = threading.Lock()
        self.names = {}  # finalize path: names
        self.validity = {}  # CertID: start, end, names, account
        self.orders = {}  # path of an order: names
        self.certificates = {}  # path of a certificate: names
        self.replaced = {}  # CertID: path of the order that replaces it
        self.window = None
        self.nonces = set()
        self.reset({})

    def reset(self, _):
        self.counts, self.log, self.issued = collections.Counter(), [], collections.Counter()
        self.violations, self.faults = [], []

    def fault(self, values):
        if values["do"] not in ("answer", "refuse", "lose", "cut", "delay", "kill-before", "kill-after"):
            raise ValueError(values["do"])
        values["left"], values["times"] = int(values.pop("nth", 1)), int(values.get("times", 1))
        with self.lock:
            self.faults.append(values)

    def forgive(self, _):
        self.faults = []

    def set_window(self, values):
        self.window = values or None

    def begin(self, kind, path):
        """Counts a request; the fault that it shall meet, if any."""
        with self.lock:
            self.counts[kind] += 1
            self.log.append(f"{len(self.log) + 1} {time.time():.3f} {kind} {path}")
            due = None
            for fault in self.faults:
                if fault["kind"] not in ("any", kind):
                    continue
                fault["left"] -= 1
                if due is None and -fault["times"] < fault["left"] <= 0:
                    due = fault
            return len(self.log) - 1, due

    def note(self, number, text):
        with self.lock:
            self.log[number] += " " + text


class Request:
    """One request of the client, checked."""

    def __init__(self, handler, world):
        self.world, self.handler = world, handler
        self.method, self.path = handler.command, handler.path
        base = "/" + self.path.split("/")[1]
        self.kind = KINDS.get(base, "unknown")
        self.host = handler.headers.get("Host", "")
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.payload = self.account = None

    def check(self):
        headers = self.handler.headers
        if not headers.get("User-Agent"):
            raise Refused(400, "malformed", "there is no User-Agent (RFC 8555 section 6.1)")
        if self.method in ("GET", "HEAD"):
            if self.kind not in ("directory", "newNonce", "renewalInfo"):
                raise Refused(405, "malformed", "POST-as-GET is wanted (RFC 8555 section 6.3)")
            return
        if headers.get("Content-Type") != "application/jose+json":
            raise Refused(415, "malformed", "Content-Type is not application/jose+json (RFC 8555 section 6.2)")
        try:
            jws = json.loads(self.body)
            header = json.loads(decoded(jws["protected"]))
            payload = decoded(jws["payload"])
            decoded(jws["signature"])
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise Refused(400, "malformed", f"this is no flattened JWS: {error!r}") from error
        if set(jws) != {"protected", "payload", "signature"}:
            raise Refused(400, "malformed", "a JWS here has three members (RFC 8555 section 6.2)")
        if header.get("url") != f"https://{self.host}{self.path}":
            raise Refused(401, "unauthorized", "the signed url is another one (RFC 8555 section 6.4)")
        if ("jwk" in header) == ("kid" in header):
            raise Refused(400, "malformed", "exactly one of jwk and kid (RFC 8555 section 6.2)")
        if "jwk" in header and self.kind not in ("newAccount", "revokeCert"):
            raise Refused(400, "malformed", "jwk is for newAccount and revokeCert (RFC 8555 section 6.2)")
        with self.world.lock:
            if header.get("nonce") not in self.world.nonces:
                raise Refused(400, "badNonce", "this nonce was never given out, or was used (RFC 8555 section 6.5)")
            self.world.nonces.discard(header["nonce"])
        self.account = header.get("kid")
        if self.kind == "certificate" and headers.get("Accept") != "application/pem-certificate-chain":
            raise Refused(406, "malformed", "Accept application/pem-certificate-chain (RFC 8555 section 7.4.2)")
        self.payload = json.loads(payload) if payload else None
        if self.kind == "newOrder":
            self.check_order()

    def check_order(self):
        profile, replaces = self.payload.get("profile"), self.payload.get("replaces")
        if profile is not None and profile not in PROFILES:
            raise Refused(400, "invalidProfile", f"there is no profile '{profile}'")
        if replaces is None:
            return
        names = {identifier["value"] for identifier in self.payload["identifiers"]}
        _, _, before, account = self.known(replaces)
        if account != self.account:
            raise Refused(403, "unauthorized", "another account ordered the certificate that is replaced")
        if not names & set(before):
            raise Refused(400, "malformed", "it names nothing that the replaced certificate names (RFC 9773 section 5)")
        if replaces in self.world.replaced:
            raise Refused(409, "alreadyReplaced", f"{replaces} was replaced already (RFC 9773 section 5)")

    def known(self, name):
        """start, end, names and account of the certificate that a CertID names."""
        parts = name.split(".")
        if len(parts) != 2 or not all(parts) or any(encoded(decoded(part)) != part for part in parts):
            raise Refused(400, "malformed", f"'{name[:120]}' is no CertID (RFC 9773 section 4.1)")
        if name not in self.world.validity:
            raise Refused(404, "malformed", "no certificate of that CertID was issued here")
        return self.world.validity[name]

    def renewal_info(self):
        start, end, _, _ = self.known(self.path.split("/", 2)[2])
        window, now = self.world.window, time.time()
        answer = {}
        if window:
            start, end = now + float(window["start"]), now + float(window["end"])
            if "url" in window:
                answer["explanationURL"] = window["url"]
        else:
            start, end = start + (end - start) * 0.66, start + (end - start) * 0.7
        stamp = lambda seconds: datetime.datetime.utcfromtimestamp(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")
        answer["suggestedWindow"] = {"start": stamp(start), "end": stamp(end)}
        wait = (window or {}).get("wait", "21600")
        return 200, {"Content-Type": "application/json", "Retry-After": wait}, json.dumps(answer).encode()


class Proxy:
    """Hands requests on to Pebble, and learns from what it answers."""

    def __init__(self, world, pebble, trust):
        self.world, self.pebble, self.trust = world, pebble, trust

    def forward(self, request):
        """Pebble's answer: status, headers, body."""
        names = ("Content-Type", "Accept", "Accept-Language", "User-Agent", "Host")
        headers = {name: request.handler.headers[name] for name in names if name in request.handler.headers}
        connection = http.client.HTTPSConnection(*self.pebble, context=self.trust, timeout=30)
        try:
            connection.request(request.method, request.path, request.body or None, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        kept = [(name, value) for name, value in answer.getheaders()
                if name.lower() not in ("content-length", "connection", "date", "transfer-encoding")]
        body = self.learn(request, answer, body)
        return answer.status, kept, body

    def learn(self, request, answer, body):
        world, kind = self.world, request.kind
        with world.lock:
            if nonce := answer.headers.get("Replay-Nonce"):
                world.nonces.add(nonce)
            if not 200 <= answer.status < 300:
                return body
            if kind == "directory":
                directory = json.loads(body)
                directory["renewalInfo"] = f"https://{request.host}/renewal-info"
                directory.setdefault("meta", {}).update(profiles=PROFILES, caaIdentities=["pebble.test"])
                return json.dumps(directory).encode()
            if kind == "newOrder":
                order, path = json.loads(body), local(answer.headers["Location"])
                names = [identifier["value"] for identifier in order["identifiers"]]
                world.orders[path] = world.names[local(order["finalize"])] = names
                if replaces := request.payload.get("replaces"):
                    world.replaced[replaces] = path
            if kind in ("order", "finalize"):
                order = json.loads(body)
                if kind == "order" and order["status"] == "invalid":
                    world.replaced = {one: path for one, path in world.replaced.items() if path != request.path}
                if "certificate" in order:
                    world.certificates[local(order["certificate"])] = world.names.get(local(order["finalize"]), [])
            if kind == "finalize":
                for name in world.names.get(request.path, []):
                    world.issued[name] += 1
            if kind == "certificate":
                name, start, end = certificate_facts(body)
                # Other chains of the same certificate come later, from paths of their own.
                world.validity.setdefault(name, (start, end, world.certificates.get(request.path, []), request.account))
        return body


def local(url):
    """The path of an https URL."""
    return "/" + url.split("/", 3)[3]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world = proxy = None

    def answer(self):
        request = Request(self, self.world)
        number, fault = self.world.begin(request.kind, self.path)
        action = fault["do"] if fault else None
        if action == "kill-before":
            control.kill(fault["pidfile"])
        if action in ("kill-before", "refuse"):
            self.world.note(number, action)
            return self.hang_up()
        try:
            request.check()
            if request.kind == "newOrder":
                self.world.note(number, " ".join(f"{key}={value}" for key, value in request.payload.items() if key != "identifiers"))
            if action == "answer":
                raise self.wait(fault)
            if request.kind == "renewalInfo":
                status, headers, body = request.renewal_info()
            else:
                status, headers, body = self.proxy.forward(request)
        except Refused as refused:
            if action != "answer" and refused.is_wrong:
                self.world.violations.append(f"{request.kind}: {refused}")
            headers = {"Content-Type": "application/problem+json", **refused.headers}
            status, body = refused.status, json.dumps(refused.problem).encode()
            if action == "answer" and "bare" in fault:
                headers["Content-Type"], body = "text/plain", b"busy\n"
            if request.method == "POST" and action != "answer":
                headers["Replay-Nonce"] = self.fresh_nonce()
        self.world.note(number, f"{status} {action or ''}".strip())
        if action == "kill-after":
            control.kill(fault["pidfile"])
        if action in ("kill-after", "lose"):
            return self.hang_up()
        if action == "delay":
            time.sleep(float(fault["seconds"]))
        self.send(status, headers, body, cut=action == "cut")

    do_GET = do_HEAD = do_POST = answer

    def fresh_nonce(self):
        """A nonce of Pebble's own, for a refusal of ours (RFC 8555 section 6.5)."""
        connection = http.client.HTTPSConnection(*self.proxy.pebble, context=self.proxy.trust, timeout=30)
        connection.request("HEAD", "/nonce-plz")
        nonce = connection.getresponse().headers["Replay-Nonce"]
        connection.close()
        self.world.nonces.add(nonce)
        return nonce

    @staticmethod
    def wait(fault):
        status, headers = int(fault["status"]), {}
        if "wait" in fault:
            date = email.utils.formatdate(time.time() + int(fault["wait"]), usegmt=True)
            headers["Retry-After"] = date if fault.get("form") == "date" else fault["wait"]
        if "problem" in fault:
            refused = Refused(status, "", "", headers)
            refused.problem = json.loads(fault["problem"])
            return refused
        kind = "rateLimited" if status == 429 else "serverInternal"
        return Refused(status, kind, "too many requests of this kind" if status == 429 else "down for a while", headers)

    def send(self, status, headers, body, cut):
        self.send_response(status)
        for name, value in headers.items() if isinstance(headers, dict) else headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.hang_up()

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # who leaves early is no defect of ours
            super().handle_error(request, client_address)


def main(listen, at, pebble, certificate, key, trust):
    world = World()
    Handler.world = world
    Handler.proxy = Proxy(world, control.address(pebble), ssl.create_default_context(cafile=trust))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Server(control.address(listen), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    lines = lambda counter: "\n".join(f"{name} {count}" for name, count in sorted(counter.items())) or "none"
    control.serve(control.address(at), {
        "fault": world.fault, "window": world.set_window, "reset": world.reset, "forgive": world.forgive,
        "counts": lambda _: lines(world.counts), "issued": lambda _: lines(world.issued),
        "log": lambda _: "\n".join(world.log) or "none", "violations": lambda _: "\n".join(world.violations) or "none",
    })
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
