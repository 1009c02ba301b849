import Findings
import Foundation

/// A folder held open: what is listed and what is read are of one folder, even when its path becomes a link meanwhile.
final class OpenFolder: Sendable {
    /// What stands before a file's name in messages.
    let path: String
    let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens a folder, but no link to one: whoever writes the manifests could lay it.
    static func open(_ path: String) -> Result<OpenFolder, PlainFile.Refusal> {
        // With a slash behind it even O_NOFOLLOW follows.
        var bare = path
        while bare.count > 1, bare.hasSuffix("/") { bare.removeLast() }
        let descriptor = Foundation.open(bare, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            let words = String(cString: strerror(errno))
            if PlainFile.specialKind(bare) == PlainFile.linkWords {
                return .failure(
                    PlainFile.Refusal(
                        code: .noManifests, message: "it is \(PlainFile.linkWords), and was not opened",
                        action: "put a folder in its place, or name with --zones the folder that it leads to"))
            }
            return .failure(
                PlainFile.Refusal(
                    code: .noManifests, message: words, action: "make it, or name another one with --zones"))
        }
        return .success(OpenFolder(path: path, descriptor: descriptor))
    }

    /// The names of all entries, sorted; `nil` with any error, since half a list would look like files gone.
    func names() -> [String]? {
        // Of its own, since reading a folder moves the descriptor's place in it.
        let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return nil }
        guard let stream = fdopendir(own) else {
            close(own)
            return nil
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        return errno == 0 ? names.sorted() : nil
    }

    /// A file's path as messages show it.
    func file(_ name: String) -> String { path + "/" + name }

    /// A regular file's octets.
    func read(_ name: String, limit: Int) -> Result<[UInt8], PlainFile.Refusal> {
        PlainFile.read(name, in: descriptor, as: file(name), limit: limit)
    }
}
