import Files
import Foundation

/// What a program wrote to its standard error: a file without a name, so that nobody has to read along and a child of its own that
/// lives on keeps nobody waiting.
final class Complaints: Sendable {
    let descriptor: Int32

    /// Octets that a message shows of it.
    private static let longest = 200

    /// `nil` where no file can be made: then the program is run all the same.
    init?() {
        var path = Array((NSTemporaryDirectory() + "/certadns-reload-XXXXXX").utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        try? DurableFile.remove(path.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" })
    }

    deinit { close(descriptor) }

    /// Its last line with something in it, behind a colon, cut and without control characters; empty where it was silent.
    func last() -> String {
        var octets = [UInt8](repeating: 0, count: 4_096)
        let end = lseek(descriptor, 0, SEEK_END)
        let count = pread(descriptor, &octets, octets.count, max(0, end - off_t(octets.count)))
        guard count > 0 else { return "" }
        let lines = String(decoding: octets.prefix(count), as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let line = lines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else { return "" }
        let shown = String(decoding: line.utf8.prefix(Self.longest), as: UTF8.self)
        let words = shown.unicodeScalars.map {
            $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0)
        }
        return ": " + words.joined()
    }
}
