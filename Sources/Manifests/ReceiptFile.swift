import DNS
import Findings
import Foundation
import Planning

/// A receipt beside the manifests. It comes with a pull request as they do, and is read as carefully: a plain file, of bounded size, in one
/// folder alone.
struct ReceiptFile {
    let name: String
    /// The path of the manifest that names it.
    let manifest: String

    private static let limit = 1 << 20

    /// Whether it can name nothing but a file of that one folder.
    static func isName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x41...0x5a).contains(octet) || (0x61...0x7a).contains(octet)
                    || ".-_".utf8.contains(octet)
            }
    }

    func read(for zone: DomainName) -> ReceiptReading {
        let zones = (manifest as NSString).deletingLastPathComponent
        let beside = (zones as NSString).deletingLastPathComponent
        let path = (beside.isEmpty ? "" : beside + "/") + "receipts/" + name
        switch PlainFile.read(path, limit: Self.limit) {
        case .failure(let refusal): return .unreadable(finding(refusal.code, refusal.message, refusal.action))
        case .success(let octets):
            guard let receipt = ReleaseReceipt.decode(octets) else {
                return .unreadable(
                    finding(.badValue, "'\(path)' is no receipt", "put there what 'certadns release' printed"))
            }
            if let defect = receipt.defect(for: zone) {
                return .unreadable(
                    finding(.badValue, "'\(path)': \(defect)", "put there what 'certadns release \(zone)' printed"))
            }
            return .read(receipt)
        }
    }

    private func finding(_ code: FindingCode, _ message: String, _ action: String) -> Finding {
        Finding(.error, code, message, action: action, at: Place(file: manifest, line: 1, column: 1))
    }
}
