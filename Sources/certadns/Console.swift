import ArgumentParser
import Findings
import Foundation
import Planning
import Rendering

/// The terminal: results go to standard output, words about the run to standard error.
enum Terminal {
    /// Whether output is read by a person at a terminal that wants colours.
    static var style: Style {
        let environment = ProcessInfo.processInfo.environment
        return Style(colour: isatty(1) == 1 && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb")
    }

    static func print(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    static func tell(_ text: String, terminator: String = "\n") {
        FileHandle.standardError.write(Data((text + terminator).utf8))
    }

    /// Whether somebody can be asked.
    static var isInteractive: Bool { isatty(0) == 1 && isatty(2) == 1 }

    /// Asks for a `yes`.
    static func confirm(_ question: String) -> Bool {
        FileHandle.standardError.write(Data((question + " ").utf8))
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
