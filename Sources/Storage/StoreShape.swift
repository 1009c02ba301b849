import Foundation
package import Ports

extension StoreFiles {
    /// What stands in the way of a state folder: a file where a folder belongs, or a folder where the database does. Nothing where
    /// it is yet to be made. `place` is where certadns.yaml names the folder, for the message.
    package func checkShape(statedAt place: String? = nil) throws(Failure) {
        let stated = place.map { "\($0): " } ?? ""
        let wanted: [(path: String, isFolder: Bool)] = [(folder, true), (database, false), (keys, true)]
        for (path, isFolder) in wanted {
            var status = stat()
            guard stat(path, &status) == 0 else {
                // What can't be looked at is told by whoever opens it.
                if errno == ENOENT { continue } else { return }
            }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            guard isDirectory != isFolder else { continue }
            let words =
                isFolder
                ? "'\(path)' is a file, and a folder is wanted (Not a directory)"
                : "'\(path)' is a folder, and a file is wanted"
            throw Failure(
                .storage,
                "\(stated)the state can't be kept: \(words); move it away, or name another folder by 'state: FOLDER' in certadns.yaml"
            )
        }
    }
}
