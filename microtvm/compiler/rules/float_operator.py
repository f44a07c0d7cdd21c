# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Float32 expressions as the TIR that TVM's own legalisation gives them."""

from __future__ import annotations

from typing import Any

import tvm
from tvm import relax

from microtvm.compiler.operators import Operator, Tensor, TirOperator
from microtvm.compiler.qdq import QdqGraph, call_name, constant_value


def fold_float(graph: QdqGraph, variable: Any, output: int, name: str) -> tuple[Operator, ...]:
    """The expression that a float tensor is bound to, as one operator or a few.

    Args:
        name: of the model's operator, to name the layers by.

    Returns:
        Operators in the order in which they run; none if the expression reads a quantised tensor.
    """
    arguments: dict[Any, Any] = {}
    function = _isolate(graph, variable, arguments)
    if any(graph.sources[tensor.name].dtype != "float32" for tensor in arguments):
        return ()
    module = tvm.IRModule({"main": function})
    with tvm.transform.PassContext(opt_level=3):
        for step in (
            relax.transform.FoldConstant(),
            relax.transform.LegalizeOps(),
            relax.transform.AnnotateTIROpPattern(),
            relax.transform.FuseOps(),
            relax.transform.FuseTIR(),
        ):
            module = step(module)
    indices = {
        parameter: graph.tensor_of(tensor)
        for parameter, tensor in zip(module["main"].params, arguments, strict=True)
    }
    return tuple(_operators(graph, module, indices, output, name))


def _isolate(graph: QdqGraph, variable: Any, arguments: dict[Any, Any]) -> Any:
    """A function of the tensors that the variable's expression reads; fills `arguments`."""
    builder = relax.BlockBuilder()
    done: dict[Any, Any] = {}

    def rebuild(expression: Any) -> Any:
        if graph.is_tensor(expression) and not expression.same_as(variable):
            if expression not in arguments:
                arguments[expression] = relax.Var(expression.name, expression.ty)
            return arguments[expression]
        if expression in graph.bindings:
            if expression not in done:
                done[expression] = builder.emit(rebuild(graph.bindings[expression]))
            return done[expression]
        if isinstance(expression, relax.Call):
            parts = [rebuild(argument) for argument in expression.args]
            return relax.Call(expression.op, parts, expression.attrs)
        if isinstance(expression, relax.Tuple):
            return relax.Tuple([rebuild(field) for field in expression.fields])
        return expression

    with builder.function("main"):
        with builder.dataflow():
            returned = builder.emit_output(rebuild(variable))
        builder.emit_func_output(returned, list(arguments.values()))
    return builder.get()["main"]


def _operators(
    graph: QdqGraph, module: Any, indices: dict[Any, int], output: int, name: str
) -> list[Operator]:
    """One TirOperator a call_tir of the legalised module."""
    body = module["main"].body
    bindings = [binding for block in body.blocks for binding in block.bindings]
    calls = [binding for binding in bindings if call_name(binding.value) == "call_tir"]
    operators: list[Operator] = []
    for position, binding in enumerate(calls):
        call = binding.value
        inputs = tuple(_argument(graph, argument, indices) for argument in call.args[1].fields)
        if position == len(calls) - 1:
            indices[binding.var] = output
        else:
            shape = tuple(int(size) for size in binding.var.ty.shape)
            indices[binding.var] = graph.add(
                Tensor(f"intermediate_{len(graph.tensors)}", shape, str(binding.var.ty.dtype))
            )
        function = module[call.args[0]]
        operators.append(TirOperator(inputs, indices[binding.var], name, function))
    return operators


def _argument(graph: QdqGraph, argument: Any, indices: dict[Any, int]) -> int:
    if argument in indices:
        return indices[argument]
    data = constant_value(argument)
    assert data is not None, f"legalised call reads {argument}"
    name = f"constant_{len(graph.tensors)}"
    return graph.add(Tensor(name, tuple(data.shape), str(data.dtype), data=data))
