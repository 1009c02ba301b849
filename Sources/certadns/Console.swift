import ArgumentParser
import Files
import Findings
import Foundation
import Planning
import Rendering
import Synchronization

/// The terminal: results go to standard output, words about the run to standard error.
enum Terminal {
    /// Whether output is read by a person at a terminal that wants colours.
    static var style: Style {
        let environment = ProcessInfo.processInfo.environment
        return Style(colour: isatty(1) == 1 && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb")
    }

    /// Prints a result. Where nobody takes it any longer (a closed pipe, a full disk) the command goes on without words: an apply
    /// finishes what it began. How it ended is asked by ``outputFailure``.
    static func print(_ text: String) {
        failure.withLock { failure in
            guard failure == nil else { return }
            do { try FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) } catch { failure = Output(error) }
        }
    }

    /// What became of standard output, if it could not be written: a reader who left is no error, as after `| head`.
    static var outputFailure: String? {
        failure.withLock { $0 }.flatMap { $0.isClosed ? nil : "the output can't be written: \($0.words)" }
    }

    private struct Output {
        let isClosed: Bool
        let words: String

        init(_ error: any Error) {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let number = cause?.domain == NSPOSIXErrorDomain ? cause.map { Int32($0.code) } : nil
            isClosed = number == EPIPE
            words = number.map { String(cString: strerror($0)) } ?? SystemWords.of(error)
        }
    }
    private static let failure = Mutex<Output?>(nil)

    /// Words about the run; where nobody takes them they are lost.
    static func tell(_ text: String, terminator: String = "\n") {
        try? FileHandle.standardError.write(contentsOf: Data((text + terminator).utf8))
    }

    /// Whether somebody can be asked.
    static var isInteractive: Bool { isatty(0) == 1 && isatty(2) == 1 }

    /// Asks for a `yes`.
    static func confirm(_ question: String) -> Bool {
        tell(question, terminator: " ")
        return readLine() == "yes"
    }
}

extension ExitStatus {
    /// Ends the command with this status.
    func end() throws { if self != .fine { throw ExitCode(rawValue) } }
}

/// An error that ends a command with status 1, in the same dress as a finding.
struct Refusal: Error, CustomStringConvertible {
    let message: String
    let action: String
    var description: String { "\(Escaping.terminal(message))\n  next: \(Escaping.terminal(action))" }
}
