import Foundation
import HostSupport

/// A server in Python that behaves as badly as it is told to.
struct BadServer: Sendable {
    /// What it does with a connection.
    enum Manner: String, Sendable {
        /// TLS, the request, the response as given, a proper end.
        case answer
        /// The same, but it leaves without saying goodbye: no close_notify.
        case tear
        /// TLS, the request, the response, and then nothing more.
        case hang
        /// Accepts and says nothing.
        case mute
        /// Accepts and closes.
        case drop
        /// Refuses the name by an alert.
        case alert
        /// No TLS: the response as it is.
        case plain
        /// Its queue is full: connections do not come about.
        case full
    }

    let port: Int
    private let folder: String

    /// The first request that came, with the SNI in its first line; empty if there was none.
    var request: String { (try? String(contentsOfFile: folder + "/request", encoding: .utf8)) ?? "" }

    /// Runs `use` while the server answers with these octets, under this chain and key.
    static func with<Result>(
        _ manner: Manner, response: [UInt8] = [], chain: String = "", key: String = "",
        _ use: (BadServer) async throws -> Result
    ) async throws -> Result {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(response).write(to: URL(fileURLWithPath: folder + "/response"))
        try (chain + key).write(toFile: folder + "/pem", atomically: true, encoding: .utf8)
        return try await PythonServer.with(script, [manner.rawValue, folder]) { port in
            try await use(BadServer(port: port, folder: folder))
        }
    }

    private static let script = #"""
        import os, socket, ssl, sys, threading
        manner, folder = sys.argv[1:3]
        response = open(folder + '/response', 'rb').read()
        names = []
        context = None
        if manner in ('answer', 'tear', 'hang', 'alert'):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder + '/pem')
            def named(connection, name, _):
                names.append(name)
                if manner == 'alert': return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            context.sni_callback = named
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen(0 if manner == 'full' else 16)
        kept = []
        if manner == 'full':
            for _ in range(3):
                waiting = socket.socket()
                waiting.setblocking(False)
                waiting.connect_ex(listener.getsockname())
                kept.append(waiting)
        def serve(raw):
            try:
                if manner == 'drop': raw.close(); return
                if manner == 'mute': kept.append(raw); return
                peer = context.wrap_socket(raw, server_side=True) if context else raw
                if not context: raw.recv(4096)
                request = b''
                while context and b'\r\n\r\n' not in request:
                    part = peer.recv(4096)
                    if not part: break
                    request += part
                if request:
                    with open(folder + '/new', 'wb') as f: f.write((names[-1] or '-').encode() + b'\n' + request)
                    os.rename(folder + '/new', folder + '/request')
                peer.sendall(response)
                if manner == 'hang': kept.append(peer); return
                if manner == 'answer': peer.unwrap()
                peer.close()
            except OSError:
                raw.close()
        def run():
            while True:
                raw, _ = listener.accept()
                threading.Thread(target=serve, args=(raw,), daemon=True).start()
        if manner != 'full': threading.Thread(target=run, daemon=True).start()
        print(listener.getsockname()[1], flush=True)
        sys.stdin.read()
        os._exit(0)
        """#
}
