# Copyright (c) the mini.hypervisor authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to mini.hypervisor: may change without notice.
"""A guest of 512 bytes that has one right answer: it proves that an accelerator runs code."""

from __future__ import annotations

STEPS = 1 << 25
"""Steps of the guest's loop. TCG does them in 0.1 s, a processor too; where KVM emulates every
instruction of a guest (as under hypervisors that cannot nest) they take half a minute."""

OUTPUT_PORT, EXIT_PORT = 0xE9, 0xF4
EXIT_STATUS = 0x2A << 1 | 1
"""QEMU's exit status where the guest reached its last instruction (isa-debug-exit doubles and adds one)."""

STAGES = {"": "before its first instruction", "r": "in real mode", "p": "in protected mode", "l": "in long mode"}
"""What the guest writes as it passes from mode to mode, and what it means when nothing follows."""

_SEED = 0x6D696E692E687970  # "mini.hyp"
_MULTIPLIER, _INCREMENT = 6364136223846793005, 1442695040888963407  # Knuth's 64-bit generator

# A boot sector: the firmware loads it at 0x7c00 and jumps there in real mode. It takes the way of every
# kernel (protected mode, page tables, long mode), where broken accelerators stop, and then computes.
_LISTING = """
fa                             | cli
31 c0                          | xor ax, ax
8e d8                          | mov ds, ax
b0 72                          | mov al, 'r'
e6 e9                          | out 0xe9, al
0f 01 16 f0 7c                 | lgdt [gdtr]
0f 20 c0                       | mov eax, cr0
0c 01                          | or al, 1                 ; protection
0f 22 c0                       | mov cr0, eax
ea 1b 7c 08 00                 | jmp 0x08:protected

b0 10                          | protected: mov al, 0x10
8e d8                          | mov ds, eax
8e c0                          | mov es, eax
b0 70                          | mov al, 'p'
e6 e9                          | out 0xe9, al
bf 00 10 00 00                 | mov edi, 0x1000          ; page tables at 0x1000, 0x2000, 0x3000
0f 22 df                       | mov cr3, edi
31 c0                          | xor eax, eax
b9 00 0c 00 00                 | mov ecx, 0xc00
fc                             | cld
f3 ab                          | rep stosd
c7 05 00 10 00 00 03 20 00 00  | mov dword [0x1000], 0x2003
c7 05 00 20 00 00 03 30 00 00  | mov dword [0x2000], 0x3003
c7 05 00 30 00 00 83 00 00 00  | mov dword [0x3000], 0x83 ; the first 2 MiB, mapped to themselves
0f 20 e0                       | mov eax, cr4
0c 20                          | or al, 0x20              ; physical address extension
0f 22 e0                       | mov cr4, eax
b9 80 00 00 c0                 | mov ecx, 0xc0000080      ; the EFER register
0f 32                          | rdmsr
80 cc 01                       | or ah, 1                 ; long mode
0f 30                          | wrmsr
0f 20 c0                       | mov eax, cr0
0d 00 00 00 80                 | or eax, 0x80000000       ; paging
0f 22 c0                       | mov cr0, eax
ea 7b 7c 00 00 18 00           | jmp 0x18:long

b0 6c                          | long: mov al, 'l'
e6 e9                          | out 0xe9, al
48 b8 70 79 68 2e 69 6e 69 6d  | mov rax, seed
48 bb 2d 7f 95 4c 2d f4 51 58  | mov rbx, multiplier
48 ba 4f 81 67 f7 7e 7b 05 14  | mov rdx, increment
b9 00 00 00 02                 | mov ecx, steps
48 0f af c3                    | step: imul rax, rbx
48 01 d0                       | add rax, rdx
ff c9                          | dec ecx
75 f5                          | jnz step
48 89 c3                       | mov rbx, rax
b1 10                          | mov cl, 16
48 c1 c3 04                    | digit: rol rbx, 4
88 d8                          | mov al, bl
24 0f                          | and al, 15
3c 0a                          | cmp al, 10
72 02                          | jb decimal
04 27                          | add al, 'a' - 10 - '0'
04 30                          | decimal: add al, '0'
e6 e9                          | out 0xe9, al
fe c9                          | dec cl
75 ea                          | jnz digit
b0 2a                          | mov al, 0x2a
e6 f4                          | out 0xf4, al
f4                             | halt: hlt
eb fd                          | jmp halt
90                             | nop
00 00 00 00 00 00 00 00        | gdt: dq 0
ff ff 00 00 00 9a cf 00        | dq 0x00cf9a000000ffff    ; 0x08: 32-bit code
ff ff 00 00 00 92 cf 00        | dq 0x00cf92000000ffff    ; 0x10: data
ff ff 00 00 00 9a af 00        | dq 0x00af9a000000ffff    ; 0x18: 64-bit code
1f 00 d0 7c 00 00              | gdtr: dw 31; dd gdt
"""


def boot_sector() -> bytes:
    """The guest: code and tables, padded, with the mark by which firmware knows a boot sector."""
    code = b"".join(bytes.fromhex(line.partition("|")[0]) for line in _LISTING.splitlines())
    return code.ljust(510, b"\0") + b"\x55\xaa"


def answer(steps: int = STEPS) -> str:
    """What the guest must write: x = x * multiplier + increment, C(steps) times (a power of two).

    Found on another way than the guest's: doing a linear step twice is again a linear step.
    """
    multiplier, increment = _MULTIPLIER, _INCREMENT
    for _doubling in range(steps.bit_length() - 1):
        multiplier, increment = multiplier * multiplier % 2**64, (multiplier * increment + increment) % 2**64
    return f"{(multiplier * _SEED + increment) % 2**64:016x}"
