"""The filter, run by a small interpreter, so that both machines are tried on any."""

import errno
import os

import pytest

from netgrade.sandbox import seccomp, syscalls

ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS, 0x80000000
PID = 4711
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
# From the kernel's tables of system calls: read, mmap, exit_group, futex, getrandom.
HONEST = {"x86_64": (0, 9, 231, 202, 318), "aarch64": (63, 222, 94, 98, 278)}


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answer(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    column, own = MACHINES[machine]
    data = {0: number, 4: architecture or own}
    for index, value in enumerate(arguments):
        data[16 + 8 * index] = value & 0xFFFFFFFF
        data[20 + 8 * index] = value >> 32 & 0xFFFFFFFF
    program = seccomp.program(column, own, PID)
    position = value = 0
    while True:
        code, yes, no, operand = program[position]
        position += 1
        match code:
            case 0x20:
                value = data.get(operand, 0)
            case 0x54:
                value &= operand
            case 0x15:
                position += yes if value == operand else no
            case 0x35:
                position += yes if value >= operand else no
            case 0x45:
                position += yes if value & operand else no
            case 0x06:
                return operand
            case _:
                raise AssertionError(code)


def of(numbers: tuple[int | None, int | None], machine: str) -> int:
    number = numbers[MACHINES[machine][0]]
    assert number is not None
    return number


def test_a_program_fits_into_what_the_kernel_takes(machine: str) -> None:
    program = seccomp.program(*MACHINES[machine], PID)
    assert len(program) < 4096
    assert all(max(yes, no) < 256 for _, yes, no, _ in program)


def test_honest_calls_pass(machine: str) -> None:
    assert {answer(machine, number) for number in HONEST[machine]} == {ALLOW}


@pytest.mark.parametrize("call", syscalls.DENIED)
def test_refused_calls(machine: str, call: str) -> None:
    number = syscalls.DENIED[call][MACHINES[machine][0]]
    if number is not None:
        assert answer(machine, number) == EPERM


def test_calls_of_another_architecture_end_the_process(machine: str) -> None:
    assert answer(machine, 0, architecture=0x40000003) == KILL


@pytest.mark.parametrize("number", [451, 500, 0x40000000, 0x40000000 + 59, 0xFFFFFFFF])
def test_unknown_calls_are_unknown(machine: str, number: int) -> None:
    assert answer(machine, number) == ENOSYS


def test_threads_but_no_processes(machine: str) -> None:
    thread = 0x3D0F00  # what the C library asks for, CLONE_THREAD among it
    assert answer(machine, of(syscalls.CLONE, machine), thread) == ALLOW
    assert answer(machine, of(syscalls.CLONE, machine), 17) == EPERM
    assert answer(machine, of(syscalls.CLONE3, machine), 0, 88) == ENOSYS


@pytest.mark.parametrize("call", [syscalls.KILL, syscalls.TGKILL])
def test_signals_to_oneself_alone(machine: str, call: tuple[int, int]) -> None:
    assert answer(machine, of(call, machine), PID, 9) == ALLOW
    assert {answer(machine, of(call, machine), pid, 9) for pid in (1, 0, PID + 1, 2**64 - 1)} == {EPERM}


def test_limits_can_be_read_and_not_set(machine: str) -> None:
    number = of(syscalls.PRLIMIT64, machine)
    assert answer(machine, number, 0, 7, 0, 0x7FFC00001000) == ALLOW
    assert {answer(machine, number, 0, 7, new, 0) for new in (1, 0x7FFC00001000, 2**32)} == {EPERM}


def test_reading_does_not_truncate(machine: str) -> None:
    number = of(syscalls.OPENAT, machine)
    assert answer(machine, number, 0, 0, os.O_RDONLY | os.O_CLOEXEC) == ALLOW
    assert answer(machine, number, 0, 0, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) == ALLOW
    assert answer(machine, number, 0, 0, os.O_RDONLY | os.O_TRUNC | os.O_CLOEXEC) == EPERM


@pytest.mark.parametrize(
    ("call", "index", "refused", "allowed"),
    [
        (syscalls.PRCTL, 0, (1, 36), (15, 38)),  # PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER; PR_SET_NAME …
        (syscalls.FCNTL, 1, (8, 10, 15), (1, 2, 3, 4)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX; F_GETFD …
        (syscalls.IOCTL, 1, (0x8901, 0x8902, 0x5412), (0x5401, 0x541B)),  # TCGETS, FIONREAD
    ],
)
def test_calls_with_one_dangerous_value(
    machine: str, call: tuple[int, int], index: int, refused: tuple[int, ...], allowed: tuple[int, ...]
) -> None:
    def answers(values: tuple[int, ...]) -> set[int]:
        return {answer(machine, of(call, machine), *(0,) * index, value) for value in values}

    assert answers(refused) == {EPERM}
    assert answers(allowed) == {ALLOW}
