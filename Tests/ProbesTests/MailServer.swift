import Foundation
import HostSupport

/// A mail host in Python that says what it is told to, and behaves as badly as that.
struct MailServer: Sendable {
    /// What it does once it said `220` to STARTTLS.
    enum Manner: String, Sendable {
        /// TLS, in the same octets as it should.
        case tls
        /// TLS, and in one write with the reply something in the open, as an attacker in the middle would put there.
        case injects
        /// Octets that are no TLS.
        case garbage
        /// Nothing at all.
        case mute
        /// It closes the connection.
        case drop
    }

    let port: Int
    private let folder: String

    /// What clients said, each command a line; the name that TLS was begun with stands after `SNI`.
    var heard: [String] {
        ((try? String(contentsOfFile: folder + "/heard", encoding: .utf8)) ?? "").split(separator: "\n").map(
            String.init)
    }

    /// Runs `use` while the server greets, answers EHLO and STARTTLS in these words, under this chain and key. A greeting that ends in `…` is
    /// said for ever.
    static func with<Result>(
        greeting: String = "220 mx.example.com ESMTP\r\n",
        hello: String = "250-mx.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n", upgrade: String = "220 go\r\n",
        _ manner: Manner = .tls, chain: String = "", key: String = "",
        _ use: (MailServer) async throws -> Result
    ) async throws -> Result {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try (chain + key).write(toFile: folder + "/pem", atomically: true, encoding: .utf8)
        return try await PythonServer.with(script, [manner.rawValue, folder, greeting, hello, upgrade]) { port in
            try await use(MailServer(port: port, folder: folder))
        }
    }

    private static let script = #"""
        import os, socket, ssl, sys, threading
        manner, folder, greeting, hello, upgrade = sys.argv[1:6]
        context = None
        def hear(text):
            with open(folder + '/heard', 'a') as f: f.write(text + '\n')
        if os.path.getsize(folder + '/pem'):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder + '/pem')
            context.sni_callback = lambda connection, name, _: hear('SNI ' + (name or '-'))
        listener = socket.socket()
        listener.bind(('127.0.0.1', 0))
        listener.listen(16)
        kept = []
        def line(peer):
            text = b''
            while not text.endswith(b'\n'):
                part = peer.recv(1)
                if not part: raise OSError('closed')
                text += part
            hear(text.decode('ascii', 'replace').strip())
        def serve(peer):
            try:
                if greeting.endswith('…'):
                    while True: peer.sendall(greeting[:-1].encode())
                if not greeting: kept.append(peer); return
                peer.sendall(greeting.encode()); line(peer)
                peer.sendall(hello.encode()); line(peer)
                if manner == 'injects':
                    peer.sendall(upgrade.encode() + b'250-evil\r\n250 AUTH PLAIN\r\n')
                elif manner == 'garbage':
                    peer.sendall(upgrade.encode()); peer.recv(1); peer.sendall(b'250 this is no TLS\r\n' * 50)
                    kept.append(peer); return
                elif manner == 'drop':
                    peer.sendall(upgrade.encode()); peer.close(); return
                else:
                    peer.sendall(upgrade.encode())
                    if manner == 'mute': kept.append(peer); return
                if context:
                    secure = context.wrap_socket(peer, server_side=True)
                    line(secure)
                    secure.close()
                else: line(peer)
            except OSError:
                peer.close()
        def run():
            while True:
                peer, _ = listener.accept()
                threading.Thread(target=serve, args=(peer,), daemon=True).start()
        threading.Thread(target=run, daemon=True).start()
        print(listener.getsockname()[1], flush=True)
        sys.stdin.read()
        os._exit(0)
        """#
}
