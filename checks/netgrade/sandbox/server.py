"""The server: takes submissions from the controller, has them captured and examined, and sends the results back.

It has no torch and runs nothing of a submission. What a capture child says goes through a `Conversation`, and a
network's blob to the grader child unread. One loop waits at one inbox; a clock runs for every child.
"""

import io
import os
import queue
import time
import traceback
from collections import deque
from dataclasses import dataclass

import msgspec

from netgrade.messages import Captured, Failure, Found, Task
from netgrade.sandbox import conversation, family, frames, limits, scratch
from netgrade.sandbox.conversation import Conversation, LieError
from netgrade.sandbox.examiner import Examiner, Piece, Settled
from netgrade.sandbox.link import Child, End, Inbox, Link
from netgrade.sandbox.neutral import harmless
from netgrade.sandbox.output import Output
from netgrade.sandbox.protocol import CaptureJob, Config, Done, GradeJob, Hello, Kept, Progress, Ready, Said, Submit
from netgrade.sandbox.spawn import Spawner
from netgrade.sandbox.submission import Submission
from netgrade.sandbox.zygote import Zygote

_TICK = 0.25
"""Seconds between two looks at the clocks."""
_PATIENCE = 0.2
"""Seconds for a child that has closed its connection to end by itself, so that its exit status is known."""
_LAST_WORDS = 1.0
"""Seconds for what a child has said to arrive after its end."""


@dataclass
class Capture:
    """One capture child at work."""

    submission: Submission
    conversation: Conversation
    child: Child
    link: Link
    output: Output | None
    scratch: str
    deadline: float
    held: bool = False
    """It waits, because too much is waiting for the grader."""

    def explained(self, failure: Failure) -> Failure:
        """Add the end of what was printed before the failure."""
        return msgspec.structs.replace(failure, output=self.output.text() if self.output else "")


class Server:
    """All of the server's state. Made while the process has one thread only."""

    def __init__(self, config: Config, requests: io.FileIO, replies: io.FileIO) -> None:
        self._config = config
        self._replies = replies
        self._processes: Zygote | Spawner = Zygote(config) if config.fork else Spawner()
        self._inbox: Inbox = queue.Queue()
        self._controller = Link(self._inbox, requests, replies, limits.MIB)
        grade = GradeJob(function=config.work.examine)
        self._examiner = Examiner(lambda: self._processes.start(grade), self._inbox, config.work.examine_timeout)
        self._captures: dict[Link, Capture] = {}
        self._waiting: deque[tuple[Submission, Task]] = deque()
        self._open: dict[int, Submission] = {}
        self._told: dict[int, str] = {}

    def run(self) -> None:
        """Serve until the controller has closed its end."""
        self._examiner.warm_up()
        frames.write(self._replies, Ready())
        while True:
            self._launch()
            if self._inbox.empty():  # only then: what has been said already must not be held against a clock
                self._watch()
            try:
                link, frame = self._inbox.get(timeout=_TICK)
            except queue.Empty:
                continue
            if link is self._controller:
                if isinstance(frame, Exception):
                    return
                self._submit(msgspec.msgpack.decode(frame, type=Submit))
            elif link is self._examiner.link:
                self._settled(self._examiner.hear(frame))
            elif link in self._captures:
                self._hear(self._captures[link], frame)

    def close(self) -> None:
        """End every child."""
        self._processes.close()

    def _submit(self, submit: Submit) -> None:
        submission = Submission(number=submit.number, task=submit.task)
        self._open[submit.number] = submission
        self._waiting.append((submission, submit.task))
        self._controller.go_on()

    def _launch(self) -> None:
        """Start capture children while there is work, a place, and no jam before the grader."""
        if self._examiner.backlog > limits.BACKLOG:
            return
        for capture in self._captures.values():
            if capture.held:
                self._go_on(capture)
        while self._waiting and len(self._captures) < self._config.jobs:
            submission, task = self._waiting.popleft()
            if submission.number in self._open:
                self._start(submission, task)

    def _start(self, submission: Submission, task: Task) -> None:
        folder = scratch.make(self._config.scratch)
        child = self._processes.start(
            CaptureJob(task=task, scratch=folder, isolation=self._config.isolation, function=self._config.work.capture)
        )
        link = Link(self._inbox, child.reader, child.writer, limits.FRAME)
        output = Output(child.output) if child.output is not None else None
        deadline = time.monotonic() + limits.START
        capture = Capture(submission, Conversation(task), child, link, output, folder, deadline)
        self._captures[link] = capture
        self._tell(submission)

    def _hear(self, capture: Capture, frame: bytearray | End) -> None:
        talk = capture.conversation
        if isinstance(frame, EOFError):
            self._unfinished(capture, conversation.silence(talk, self._end(capture, _PATIENCE)))
            return
        try:
            said = talk.hear(frame)
        except LieError as error:
            self._end(capture)
            capture.submission.refusal = capture.explained(conversation.lie(error))
        else:
            self._take(capture, said)
            if talk.over:
                self._end(capture)
            else:
                self._go_on(capture)
        self._finish(capture.submission)

    def _take(self, capture: Capture, said: Said) -> None:
        submission = capture.submission
        match said:
            case Hello(sandbox=sandbox):
                submission.sandbox = sandbox
            case Found():
                submission.found = submission.found or said
            case Captured():
                if submission.task.keep:
                    frames.write(self._replies, Kept(number=submission.number, captured=said))
                self._examiner.put(Piece(submission, said))
            case Failure():
                submission.fail(capture.explained(said))

    def _go_on(self, capture: Capture) -> None:
        """Let a capture child say more, and start its clock again; hold it while too much waits for the grader."""
        capture.held = self._examiner.backlog > limits.BACKLOG
        if not capture.held:
            capture.deadline = time.monotonic() + capture.conversation.task.timeout
            capture.link.go_on()

    def _watch(self) -> None:
        self._settled(self._examiner.watch())
        for capture in tuple(self._captures.values()):
            if capture.held or capture.link not in self._captures:  # ended with another one of its submission
                continue
            talk = capture.conversation
            if scratch.exceeds(capture.scratch, limits.SCRATCH):
                self._end(capture)
                self._unfinished(capture, conversation.overflow(talk))
                continue
            ended = capture.child.ended()
            if ended:  # what it has said may still be on its way; a process that it left behind may say more
                capture.deadline = min(capture.deadline, time.monotonic() + _LAST_WORDS)
            if time.monotonic() > capture.deadline:
                code = self._end(capture)
                failure = conversation.silence(talk, code) if ended else conversation.overtime(talk)
                self._unfinished(capture, failure)

    def _unfinished(self, capture: Capture, failure: Failure) -> None:
        submission, talk = capture.submission, capture.conversation
        submission.fail(capture.explained(failure))
        self._waiting.extendleft((submission, task) for task in reversed(submission.resume(talk.left[1:], failure)))
        self._finish(submission)

    def _end(self, capture: Capture, patience: float = 0.0) -> int | None:
        del self._captures[capture.link]
        capture.link.drop()
        code = capture.child.end(patience)
        scratch.remove(capture.scratch)
        return code

    def _settled(self, settled: Settled | None) -> None:
        if settled:
            submission, network, result, summary = settled
            submission.results[network] = result
            submission.summaries[network] = summary
            self._finish(submission)

    def _finish(self, submission: Submission) -> None:
        """Send a submission's result if it is complete, else what it waits for."""
        if submission.number not in self._open:
            return
        examined = submission.examined()
        if examined is None:
            self._tell(submission)
            return
        del self._open[submission.number]
        self._told.pop(submission.number, None)
        for capture in [capture for capture in self._captures.values() if capture.submission is submission]:
            self._end(capture)
        frames.write(self._replies, Done(number=submission.number, examined=harmless(examined)))

    def _tell(self, submission: Submission) -> None:
        doing = [
            capture.conversation.doing() for capture in self._captures.values() if capture.submission is submission
        ]
        text = doing[0] if doing else "examining"
        if self._told.get(submission.number) != text:
            self._told[submission.number] = text
            frames.write(self._replies, Progress(number=submission.number, text=text))


def main() -> None:
    """Serve the controller on standard input and output; the first frame is the `Config`."""
    with io.FileIO(os.dup(0), "r") as requests, io.FileIO(os.dup(1), "w") as replies:
        os.dup2(2, 1)
        config = msgspec.msgpack.decode(frames.read(requests, limits.MIB), type=Config)
        if config.fork:  # it may be waiting for the zygote's import when the controller's end comes
            family.die_with(config.controller)
        try:
            server = Server(config, requests, replies)
            server.run()
            server.close()
        except BrokenPipeError:  # the controller has gone
            pass
        except BaseException:  # noqa: BLE001 - the controller shows it
            traceback.print_exc()
            os._exit(1)
        finally:
            scratch.remove(config.scratch)
        # Not a normal exit: it would wait for threads that wait for children.
        os._exit(0)
