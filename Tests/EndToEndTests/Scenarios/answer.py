"""answer.py ANSWER HOOK COMMAND...: runs COMMAND on a terminal of its own; when it asks, runs HOOK in a shell, then answers.
Prints what the terminal showed; ends with COMMAND's status."""
import os, pty, subprocess, sys

answer, hook, command = sys.argv[1], sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, asked = b"", False
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:  # the other side is closed
        break
    if not data:
        break
    shown += data
    if not asked and b"is taken:" in shown:
        asked = True
        subprocess.run(["bash", "-c", hook], check=True)
        os.write(terminal, answer.encode() + b"\n")
sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if asked else 99)
