/// A DNS message (RFC 1035 §4.1, RFC 6891). Update messages (RFC 2136) use the same four sections under other names.
package struct Message: Hashable, Sendable {
    package var id: UInt16
    package var flags: Flags
    /// Zone section in an update.
    package var questions: [Question]
    /// Prerequisites in an update.
    package var answers: [WireRecord]
    /// Updates in an update.
    package var authorities: [WireRecord]
    /// Without OPT, which is ``edns``.
    package var additionals: [WireRecord]
    /// The OPT pseudo-record, where there is one.
    package var edns: EDNS?

    /// A message.
    package init(
        id: UInt16, flags: Flags = Flags(), questions: [Question] = [], answers: [WireRecord] = [],
        authorities: [WireRecord] = [], additionals: [WireRecord] = [], edns: EDNS? = nil
    ) {
        self.id = id
        self.flags = flags
        self.questions = questions
        self.answers = answers
        self.authorities = authorities
        self.additionals = additionals
        self.edns = edns
    }

    /// The second 16 bits of the header.
    package struct Flags: Hashable, Sendable {
        package var isResponse = false
        /// 0 is QUERY, 5 is UPDATE.
        package var opcode: UInt8 = 0
        package var isAuthoritative = false
        package var isTruncated = false
        package var recursionDesired = false
        package var recursionAvailable = false
        package var authenticData = false
        package var checkingDisabled = false
        package var rcode: ResponseCode = .noError

        /// All clear.
        package init() {}
    }

    /// One question.
    package struct Question: Hashable, Sendable {
        package let name: DomainName
        package let type: RecordType
        package let recordClass: UInt16

        /// A question of class IN.
        package init(_ name: DomainName, _ type: RecordType, recordClass: UInt16 = 1) {
            self.name = name
            self.type = type
            self.recordClass = recordClass
        }
    }

    /// RFC 6891 §6.
    package struct EDNS: Hashable, Sendable {
        /// The largest UDP answer that its sender takes, in octets.
        package var payload: UInt16
        /// The upper eight bits of the response code.
        package var extendedRcode: UInt8 = 0
        package var version: UInt8 = 0
        package var dnssecOK = false

        /// The size that fits nearly every path without fragments.
        package init(payload: UInt16 = 1232) { self.payload = payload }
    }
}

/// A record as a message carries it: its data may be empty, which RFC 2136 gives a meaning.
package struct WireRecord: Hashable, Sendable {
    package let name: DomainName
    package let type: RecordType
    package let recordClass: UInt16
    package let ttl: UInt32
    /// `nil` where the message has no octets for it.
    package let data: RecordData?

    /// A record.
    package init(name: DomainName, type: RecordType, recordClass: UInt16, ttl: UInt32, data: RecordData?) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
        self.ttl = ttl
        self.data = data
    }

    /// A whole record.
    package init(_ record: ResourceRecord) {
        self.init(
            name: record.name, type: record.data.type, recordClass: record.recordClass, ttl: record.ttl,
            data: record.data)
    }

    /// The record, where it has data.
    package var record: ResourceRecord? {
        data.map { ResourceRecord(name: name, recordClass: recordClass, ttl: ttl, data: $0) }
    }
}

/// RFC 1035 §4.1.1, RFC 2136 §2.2.
package struct ResponseCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16
    /// A code by its number.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let noError = ResponseCode(rawValue: 0)
    package static let formErr = ResponseCode(rawValue: 1)
    package static let servFail = ResponseCode(rawValue: 2)
    package static let nxDomain = ResponseCode(rawValue: 3)
    package static let notImp = ResponseCode(rawValue: 4)
    package static let refused = ResponseCode(rawValue: 5)
    package static let yxDomain = ResponseCode(rawValue: 6)
    package static let yxRRSet = ResponseCode(rawValue: 7)
    package static let nxRRSet = ResponseCode(rawValue: 8)
    package static let notAuth = ResponseCode(rawValue: 9)
    package static let notZone = ResponseCode(rawValue: 10)
    package static let badVersion = ResponseCode(rawValue: 16)
}

extension ResponseCode: CustomStringConvertible {
    private static let names = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
        "NOTZONE",
    ]
    /// The mnemonic.
    package var description: String {
        Int(rawValue) < Self.names.count ? Self.names[Int(rawValue)] : rawValue == 16 ? "BADVERS" : "RCODE\(rawValue)"
    }
}
