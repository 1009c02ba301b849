package import Logging
import Synchronization

/// What was logged, a line each.
package final class LogLines: Sendable {
    private let kept = Mutex<[String]>([])

    package init() {}

    /// Level, message and metadata.
    package var lines: [String] { kept.withLock { $0 } }
    /// A logger that writes here.
    package var logger: Logger { Logger(label: "host") { _ in Keeper(lines: self) } }

    private struct Keeper: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let line = (["\(event.level)", "\(event.message)"] + details).joined(separator: " ")
            lines.kept.withLock { $0.append(line) }
        }
    }
}
