import DNS

/// Turns a request's octets into an answer's. Pure but for the zones that it is given.
struct Answering: Sendable {
    let source: ZoneSource

    /// The answer; `nil` for what deserves none (answers, fragments).
    func answer(_ octets: [UInt8], limit: Int) -> [UInt8]? {
        guard octets.count >= 12, octets[2] & 0x80 == 0 else { return nil }
        let id = UInt16(octets[0]) << 8 | UInt16(octets[1])
        guard let request = try? Message(decoding: octets) else {
            return encode(Self.refusal(id, .formErr), limit: 512)
        }
        var answer = Message(id: id)
        answer.flags.isResponse = true
        answer.flags.opcode = request.flags.opcode
        answer.flags.recursionDesired = request.flags.recursionDesired
        answer.questions = request.questions
        answer.edns = request.edns.map { _ in Message.EDNS(payload: 1232) }
        let room = limit < 65_535 ? min(limit, max(512, Int(request.edns?.payload ?? 512))) : limit
        respond(to: request, &answer)
        return encode(answer, limit: room)
    }

    private func respond(to request: Message, _ answer: inout Message) {
        guard request.flags.opcode == 0 else {
            answer.flags.rcode = .notImp
            return
        }
        if let edns = request.edns, edns.version != 0 {
            answer.flags.rcode = .badVersion
            answer.edns?.extendedRcode = 1
            return
        }
        guard request.questions.count == 1, let question = request.questions.first, question.recordClass == 1 else {
            answer.flags.rcode = request.questions.count == 1 ? .refused : .formErr
            return
        }
        guard question.type != .axfr else {
            answer.flags.rcode = .refused
            return
        }
        let found: AnsweringZone.Answer
        switch source.zone(for: question.name) {
        case nil:
            answer.flags.rcode = .refused
            return
        case .broken?:
            answer.flags.rcode = .servFail
            return
        case .zone(let zone)?: found = zone.answer(question)
        }
        answer.flags.rcode = found.rcode
        answer.flags.isAuthoritative = found.isAuthoritative
        answer.answers = found.answers
        answer.authorities = found.authorities
        answer.additionals = found.additionals
    }

    private static func refusal(_ id: UInt16, _ code: ResponseCode) -> Message {
        var message = Message(id: id)
        message.flags.isResponse = true
        message.flags.rcode = code
        return message
    }

    /// What does not fit is cut to the header with TC set: the asker comes again by TCP (RFC 2181 §9).
    private func encode(_ message: Message, limit: Int) -> [UInt8]? {
        var cut = message
        do throws(WireError) {
            let octets = try message.encoded()
            if octets.count <= limit { return octets }
        } catch  where error.defect == .notEncodable {
            // Not 'no such data': they exist, but we can't say them.
            cut.flags.rcode = .servFail
            cut.flags.isAuthoritative = false
            cut.answers = []
            cut.authorities = []
            cut.additionals = []
            return try? cut.encoded()
        } catch {}
        cut.flags.isTruncated = true
        cut.answers = []
        cut.authorities = []
        cut.additionals = []
        return try? cut.encoded()
    }
}
