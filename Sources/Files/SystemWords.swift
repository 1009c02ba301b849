import Foundation

/// What the system says of a failure, for people: Foundation's own texts name classes and codes, or no cause at all.
package enum SystemWords {
    /// The system's words for the error's cause, such as "Permission denied"; never Foundation's.
    package static func of(_ error: any Error) -> String {
        if let error = error as? FileError { return "\(error)" }
        let error = error as NSError
        guard let number = number(error) else { return "the system gives no reason" }
        return String(cString: strerror(number))
    }

    private static func number(_ error: NSError) -> Int32? {
        if error.domain == NSPOSIXErrorDomain { return Int32(truncatingIfNeeded: error.code) }
        // Below lies an NSError or a POSIXError; the latter is no class here.
        if let cause = error.userInfo[NSUnderlyingErrorKey] as? any Error, let number = number(cause as NSError) {
            return number
        }
        guard error.domain == NSCocoaErrorDomain else { return nil }
        return switch CocoaError.Code(rawValue: error.code) {
        case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
        case .fileReadNoPermission, .fileWriteNoPermission: EACCES
        case .fileWriteFileExists: EEXIST
        case .fileWriteOutOfSpace: ENOSPC
        case .fileWriteVolumeReadOnly: EROFS
        case .fileReadTooLarge: EFBIG
        default: nil
        }
    }
}
