import GRDB
import MTASTS
import Planning

/// A policy as the host's table keeps it.
enum PolicyRow {
    static func body(_ row: Row) -> PublishedBody? {
        PolicyID(row["id"]).map { PublishedBody(id: $0, body: row["body"]) }
    }
}
