extension Message {
    /// The message's octets, names compressed.
    package func encoded() throws(WireError) -> [UInt8] {
        var writer = WireWriter()
        writer.append(id)
        writer.append(flags.word)
        for count in [questions.count, answers.count, authorities.count, additionals.count + (edns == nil ? 0 : 1)] {
            writer.append(UInt16(truncatingIfNeeded: count))
        }
        for question in questions {
            writer.append(question.name, compressing: true)
            writer.append(question.type.rawValue)
            writer.append(question.recordClass)
        }
        for record in answers + authorities + additionals {
            if case .opaque? = record.data { throw WireError(.notEncodable, at: writer.octets.count) }
            Self.write(record, to: &writer)
        }
        if let edns { Self.write(edns, rcode: flags.rcode, to: &writer) }
        guard writer.octets.count <= 65_535 else { throw WireError(.tooLong, at: 65_535) }
        return writer.octets
    }

    private static func write(_ record: WireRecord, to writer: inout WireWriter) {
        writer.append(record.name, compressing: true)
        writer.append(record.type.rawValue)
        writer.append(record.recordClass)
        writer.append(record.ttl)
        writer.withLength { writer in record.data?.write(to: &writer, compressing: true) }
    }

    private static func write(_ edns: EDNS, rcode: ResponseCode, to writer: inout WireWriter) {
        writer.append(UInt8(0))
        writer.append(RecordType.opt.rawValue)
        writer.append(edns.payload)
        writer.append(UInt8(rcode.rawValue >> 4 & 255))
        writer.append(edns.version)
        writer.append(UInt16(edns.dnssecOK ? 0x8000 : 0))
        writer.append(UInt16(0))
    }

    /// Reads a message. Any octets give a message or an error.
    package init(decoding octets: [UInt8]) throws(WireError) {
        var reader = WireReader(octets)
        let id = try reader.uint16()
        let flags = Flags(word: try reader.uint16())
        let counts = [try reader.uint16(), try reader.uint16(), try reader.uint16(), try reader.uint16()]
        self.init(id: id, flags: flags)
        for _ in 0..<counts[0] {
            questions.append(
                Question(
                    try reader.name(), RecordType(rawValue: try reader.uint16()), recordClass: try reader.uint16()))
        }
        answers = try Self.records(counts[1], from: &reader)
        authorities = try Self.records(counts[2], from: &reader)
        for _ in 0..<counts[3] {
            switch try Self.record(from: &reader) {
            case .record(let record): additionals.append(record)
            case .edns(let edns):
                // RFC 6891 §6.1.1: more than one OPT is a malformed message.
                guard self.edns == nil else { throw WireError(.badData, at: reader.offset) }
                self.edns = edns
                self.flags.rcode = ResponseCode(
                    rawValue: UInt16(edns.extendedRcode) << 4 | self.flags.rcode.rawValue & 15)
            }
        }
        guard reader.remaining == 0 else { throw WireError(.trailing, at: reader.offset) }
    }

    private enum Read {
        case record(WireRecord)
        case edns(EDNS)
    }

    private static func records(_ count: UInt16, from reader: inout WireReader) throws(WireError) -> [WireRecord] {
        var records: [WireRecord] = []
        for _ in 0..<count {
            guard case .record(let record) = try record(from: &reader) else {
                throw WireError(.badData, at: reader.offset)
            }
            records.append(record)
        }
        return records
    }

    private static func record(from reader: inout WireReader) throws(WireError) -> Read {
        let name = try reader.name()
        let type = RecordType(rawValue: try reader.uint16())
        let recordClass = try reader.uint16()
        let ttl = try reader.uint32()
        let length = Int(try reader.uint16())
        var body = try reader.slice(length)
        if type == .opt {
            var edns = EDNS(payload: recordClass)
            edns.extendedRcode = UInt8(ttl >> 24)
            edns.version = UInt8(ttl >> 16 & 255)
            edns.dnssecOK = ttl & 0x8000 != 0
            return .edns(edns)
        }
        let data = length == 0 ? nil : try RecordData.read(type, from: &body)
        // RFC 2181 §8: a TTL with the highest bit set counts as zero.
        return .record(
            WireRecord(name: name, type: type, recordClass: recordClass, ttl: ttl > 0x7fff_ffff ? 0 : ttl, data: data))
    }
}

extension Message.Flags {
    init(word: UInt16) {
        isResponse = word & 0x8000 != 0
        opcode = UInt8(word >> 11 & 15)
        isAuthoritative = word & 0x0400 != 0
        isTruncated = word & 0x0200 != 0
        recursionDesired = word & 0x0100 != 0
        recursionAvailable = word & 0x0080 != 0
        authenticData = word & 0x0020 != 0
        checkingDisabled = word & 0x0010 != 0
        rcode = ResponseCode(rawValue: word & 15)
    }

    var word: UInt16 {
        var word = UInt16(opcode & 15) << 11 | rcode.rawValue & 15
        if isResponse { word |= 0x8000 }
        if isAuthoritative { word |= 0x0400 }
        if isTruncated { word |= 0x0200 }
        if recursionDesired { word |= 0x0100 }
        if recursionAvailable { word |= 0x0080 }
        if authenticData { word |= 0x0020 }
        if checkingDisabled { word |= 0x0010 }
        return word
    }
}
