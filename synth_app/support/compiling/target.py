"""The processor that kernels are compiled for, which need not be the one that the program runs on.

``NUMBA_CPU_NAME`` and ``NUMBA_CPU_FEATURES`` choose it, for example ``NUMBA_CPU_NAME=haswell`` for what a laptop with
AVX2 gets. Code that depends on the processor must use ``compile_target``, never the features of the host: LLVM aborts
the process when it meets an instruction that its target does not have.
"""

import contextlib
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite
import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba.core.registry import cpu_target

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_bytes
from synth_app.support.resources import user_folder

_PROBE_WIDTH = 16
_MAX_BYTES = 2**16
_FLOATS, _HALVES = ir.VectorType(ir.FloatType(), _PROBE_WIDTH), ir.VectorType(ir.HalfType(), _PROBE_WIDTH)


class CompileTarget(NamedTuple):
    """Properties of the processor that LLVM generates code for.

    Attributes:
        name: of the processor, as LLVM calls it.
        features: LLVM's feature string, such as "+avx2,-avx512f"; "" for what the name implies.
        float_lanes: float32 numbers in one register of x86 processors: 16 (AVX-512), 8 (AVX) or 4; 4 elsewhere.
        half_precision: whether it has instructions that convert float16 to float32.
    """

    name: str
    features: str
    float_lanes: int
    half_precision: bool

    def __str__(self) -> str:
        return f"{self.name}, vectors of {self.float_lanes} float32"


@cache
def compile_target() -> CompileTarget:
    """Return the target that the compiler generates code for.

    The properties come from assembly that LLVM writes for two short functions: it has no query for the features that a
    processor's name implies. That takes 40 ms, so they are kept in a file of the user's cache folder.
    """
    if numba.config.CPU_NAME is not None and numba.config.CPU_FEATURES is None:
        numba.config.CPU_FEATURES = ""  # otherwise numba adds the features of the host to the processor named
    codegen = cpu_target.target_context.codegen()
    _, name, features = codegen.magic_tuple()
    path = _answer_path(name, features)
    with contextlib.suppress(UserError):  # no file yet, or a damaged one
        return _read_answer(path, name, features)
    target = _probe(codegen, name, features)
    with contextlib.suppress(OSError, UserError):  # no space or no permission: the next start probes again
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path, durable=False) as temporary:
            temporary.write_text(json.dumps(target._asdict()), encoding="utf-8")
    return target


def _answer_path(name: str, features: str) -> Path:
    key = hashlib.sha256(repr((llvmlite.__version__, llvm.llvm_version_info, name, features)).encode()).hexdigest()[:16]
    return user_folder("cache") / "compile-targets" / f"{key}.json"


def _read_answer(path: Path, name: str, features: str) -> CompileTarget:
    """Read the answer of an earlier process.

    Raises:
        UserError: there is no file, or it is damaged.
    """
    with loading(path, "a compile target", "it is made again"):
        target = CompileTarget(**json.loads(read_bytes(path, _MAX_BYTES)))
        if (
            target[:2] != (name, features)
            or target.float_lanes not in (4, 8, 16)
            or type(target.half_precision) is not bool
        ):
            raise ValueError(f"it holds {target}")
        return target


def _probe(codegen: Any, name: str, features: str) -> CompileTarget:
    """Compile two short functions and look at their assembly."""
    sums = _assembly(codegen, _FLOATS, lambda builder, x: builder.fadd(x, x))
    halves = _assembly(codegen, _HALVES, lambda builder, x: builder.fpext(x, _FLOATS))
    lanes = next((lanes for register, lanes in (("zmm", 16), ("ymm", 8)) if register in sums), 4)
    # without an instruction LLVM calls a function of the C run time, which JIT-compiled code cannot find
    return CompileTarget(name, features, lanes, "extendhfsf2" not in halves and "h2f" not in halves)


def _assembly(codegen: Any, vector: ir.VectorType, generate: Any) -> str:
    """Assembly of a function that loads a vector, applies ``generate`` to it and stores the result."""
    module = ir.Module("probe")
    module.triple = llvm.get_process_triple()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [vector.as_pointer(), _FLOATS.as_pointer()]), "probe")
    builder = ir.IRBuilder(function.append_basic_block())
    source, target = function.args
    builder.store(generate(builder, builder.load(source)), target)
    builder.ret_void()
    return str(codegen._tm.emit_assembly(llvm.parse_assembly(str(module))))
