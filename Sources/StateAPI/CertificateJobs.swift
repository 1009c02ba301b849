import Planning
import Ports

/// Certificates that are being issued for runs elsewhere: one job a zone and lease, whoever asks how often.
///
/// A job outlives the request that began it, since a CA takes minutes; it ends with its lease, under which it writes.
actor CertificateJobs {
    private struct Job: Hashable {
        let lease: Lease
        let zone: DesiredZone

        static func == (a: Job, b: Job) -> Bool {
            a.lease.zone == b.lease.zone && a.lease.fencing == b.lease.fencing && a.zone == b.zone
        }
        func hash(into hasher: inout Hasher) {
            hasher.combine(lease.zone)
            hasher.combine(lease.fencing)
        }
    }
    private enum State {
        case running
        case ended(Result<CertificateFacts, Failure>)
    }
    private let certifier: (any LeasedCertifier)?
    private var jobs: [Job: State] = [:]
    private var waiting: [Job: [CheckedContinuation<Void, Never>]] = [:]

    /// How long one request waits for its certificate, in seconds.
    private let patience: Int

    init(_ certifier: (any LeasedCertifier)?, patience: Int) {
        self.certifier = certifier
        self.patience = patience
    }

    func certify(_ zone: DesiredZone, under lease: Lease) async throws(Failure) -> StateReply {
        guard let certifier else {
            throw Failure(.configuration, "this 'certadns serve' issues no certificates")
        }
        guard zone.zone == lease.zone else {
            throw Failure(.rejected, "the lease is of \(lease.zone), and the certificate of \(zone.zone)")
        }
        let job = Job(lease: lease, zone: zone)
        if jobs[job] == nil {
            // What earlier holders of the lease asked for nobody comes back to.
            jobs = jobs.filter { known, state in
                if case .running = state { return true }
                return known.lease.zone != lease.zone
            }
            jobs[job] = .running
            Task {
                let result: Result<CertificateFacts, Failure>
                do throws(Failure) { result = .success(try await certifier.certify(zone, under: lease)) } catch {
                    result = .failure(error)
                }
                end(job, result)
            }
        }
        if case .running? = jobs[job] { await wait(for: job) }
        guard case .ended(let result)? = jobs[job] else { return .pending }
        // A failure is told once: whoever asks again wants it tried again. An answer that was lost is given again.
        if case .failure = result { jobs[job] = nil }
        return .certificate(try result.get())
    }

    private func end(_ job: Job, _ result: Result<CertificateFacts, Failure>) {
        jobs[job] = .ended(result)
        wake(job)
    }

    private func wake(_ job: Job) { for waiter in waiting.removeValue(forKey: job) ?? [] { waiter.resume() } }

    /// Until the job ends, or the patience does.
    private func wait(for job: Job) async {
        let timer = Task {
            try? await Task.sleep(for: .seconds(patience))
            if !Task.isCancelled { wake(job) }
        }
        await withCheckedContinuation { waiting[job, default: []].append($0) }
        timer.cancel()
    }
}
