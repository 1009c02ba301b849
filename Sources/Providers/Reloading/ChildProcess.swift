import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A program without input and standard output, started and waited for.
///
/// Foundation's `Process` looks at every open descriptor in a way that can read beyond its buffer where there are more than some
/// thirteen hundred, as a host of many connections has; here the kernel closes them.
struct ChildProcess {
    /// Why it was not started, as `errno` has it.
    struct NotStarted: Error { let code: Int32 }

    private let id: pid_t

    private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    /// glibc has it since 2.34 and shows it to GNU sources alone. Where it is missing the child inherits what has no close-on-exec.
    private static let closeFrom: CloseFrom? = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafeBitCast($0, to: CloseFrom.self)
    }

    /// Starts the program at the path `words[0]` with all `words` as its arguments and our environment; what it
    /// complains of goes to the descriptor `complaints`.
    init(running words: [String], complaints: Int32? = nil) throws(NotStarted) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (descriptor, flags) in [(0, O_RDONLY), (1, O_WRONLY), (2, O_WRONLY)] {
            posix_spawn_file_actions_addopen(&actions, Int32(descriptor), "/dev/null", flags, 0)
        }
        if let complaints { posix_spawn_file_actions_adddup2(&actions, complaints, 2) }
        _ = Self.closeFrom?(&actions, 3)
        // Our threads block signals and ignore some; a child that inherited that could not be told to stop.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, words.first ?? "", &actions, &attributes, &arguments, environ)
        guard code == 0 else { throw NotStarted(code: code) }
        self.id = id
    }

    /// Its status once it has exited; `nil` where a signal ended it, or it had to be killed at the deadline.
    func wait(until deadline: DispatchTime) -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(id, &status, WNOHANG)
            if ended == id { break }
            if ended < 0, errno != EINTR { return nil }
            if DispatchTime.now() >= deadline {
                kill(id, SIGKILL)
                while waitpid(id, &status, 0) < 0, errno == EINTR {}
                return nil
            }
            usleep(5_000)
        }
        // As wait.h has it: a signal in the low bits, the status above them.
        return status & 0x7f == 0 ? status >> 8 & 0xff : nil
    }
}
