import ArgumentParser
import Findings
import Planning
import Ports
import Rendering

/// Turns what ends a command into words on standard error and status 1, or 5 where another run holds what it is about.
enum Reporting {
    static func errors(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as Setup.Unreadable {
            Terminal.tell(FindingText(Style.plain).render(error.findings).trimmedEnd)
            throw ExitCode(ExitStatus.error.rawValue)
        } catch let error as Failure {
            Terminal.tell("error: \(Escaping.terminal(error.detail))")
            throw ExitCode((error.kind == .busy ? ExitStatus.busy : .error).rawValue)
        } catch let error as Refusal {
            Terminal.tell("error: \(error)")
            throw ExitCode(ExitStatus.error.rawValue)
        }
    }
}

extension String {
    fileprivate var trimmedEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}
