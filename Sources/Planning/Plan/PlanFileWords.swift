extension PlanFileError {
    /// Where a document is broken, as its reader would say it; Swift's own text names types of this program.
    static func broken(_ error: any Error) -> PlanFileError {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context)?:
            .unreadable("'\(path(context.codingPath))' has no '\(key.stringValue)'")
        case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?, .dataCorrupted(let context)?:
            .unreadable("what stands at '\(path(context.codingPath))' is not what belongs there")
        default: .unreadable("it can't be read to its end")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the top" : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
