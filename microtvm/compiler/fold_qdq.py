# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A Relax function in QDQ form as a Network of integer operators.

Each quantize is one site, which the first matching rule turns into one operator. Float tensors keep
the TIR that TVM gives them.
"""

from __future__ import annotations

from typing import Any

from tvm import relax

from microtvm.compiler.importer import ImportedModel, Unsupported
from microtvm.compiler.operators import Dequantize, Network, Operator
from microtvm.compiler.qdq import QdqGraph, Site, call_name
from microtvm.compiler.rules import RULES
from microtvm.compiler.rules.float_operator import fold_float


def fold_qdq(model: ImportedModel) -> tuple[Network, tuple[Unsupported, ...]]:
    """Folds each tensor of the model.

    Returns:
        The network, and the operators that no rule matched, which are left out of it.
    """
    function = model.module["main"]
    graph = QdqGraph(function, model.sources)
    inputs = tuple(graph.tensor_of(variable) for variable in function.params)
    operators: list[Operator] = []
    unsupported: list[Unsupported] = []
    for variable in graph.order:
        if not graph.is_tensor(variable):
            continue
        try:
            folded = _fold(graph, variable, model.operators[variable.name].lower())
            reason = "" if folded else "no integer form of this use"
        except (ValueError, OverflowError) as error:  # TFLite's arithmetic has no such scale
            folded, reason = (), str(error)
        operators.extend(folded)
        if reason:
            source = str(model.sources[variable.name])
            unsupported.append(Unsupported(model.operators[variable.name], source, reason))
    outputs = tuple(graph.tensor_of(variable) for variable in _returned(function, graph))
    network = Network(tuple(graph.tensors), inputs, outputs, tuple(operators))
    return network, tuple(unsupported)


def _fold(graph: QdqGraph, variable: Any, name: str) -> tuple[Operator, ...]:
    value = graph.bindings[variable]
    output = graph.tensor_of(variable)
    if call_name(value) == "quantize":
        return _first_match(Site(graph, value.args[0], output))
    if call_name(value) == "dequantize" and graph.is_tensor(value.args[0]):
        return (Dequantize((graph.tensor_of(value.args[0]),), output),)
    return fold_float(graph, variable, output, name)


def _first_match(site: Site) -> tuple[Operator, ...]:
    for rule in RULES:
        match = rule(site)
        if match is not None:
            return (match,)
    return ()


def _returned(function: Any, graph: QdqGraph) -> list[Any]:
    value = function.body.body
    while value in graph.bindings and not graph.is_tensor(value):
        value = graph.bindings[value]
    return list(value.fields) if isinstance(value, relax.Tuple) else [value]
