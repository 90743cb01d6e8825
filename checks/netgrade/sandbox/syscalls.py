"""Numbers of system calls: those that a capture child is refused, and those that depend on their arguments.

They are those of asm/unistd_64.h and asm-generic/unistd.h, Linux 6.1.
"""

Numbers = tuple[int | None, int | None]
"""Number on x86_64 and on aarch64; None where there is no such call."""

KNOWN = 451
"""The first number that the headers don't have."""

# fmt: off
DENIED: dict[str, Numbers] = {
    # other processes: making them, running programs, looking into them, signals
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "sched_setaffinity": (203, 122),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
    # connections
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242),
    "bind": (49, 200), "listen": (50, 201), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    # memory that outlives the process, or is no file and counted nowhere
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196),
    "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    # what Landlock doesn't know of files: owner, mode, attributes, times; and, before its version 3, their length
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, None), "lchown": (94, None),
    "fchown": (93, 55), "fchownat": (260, 54), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "utime": (132, None),
    "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88), "truncate": (76, 45),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # the kernel's larger doors
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "fanotify_init": (300, 262), "personality": (135, 92), "modify_ldt": (154, None),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    # limits, which root could lift again
    "setrlimit": (160, 164),
}
CLONE: Numbers = (56, 220)
CLONE3: Numbers = (435, 435)
FCNTL: Numbers = (72, 25)
IOCTL: Numbers = (16, 29)
KILL: Numbers = (62, 129)
OPEN: Numbers = (2, None)
OPENAT: Numbers = (257, 56)
OPENAT2: Numbers = (437, 437)
PRCTL: Numbers = (157, 167)
PRLIMIT64: Numbers = (302, 261)
TGKILL: Numbers = (234, 131)
# fmt: on
SECCOMP = (317, 277)
