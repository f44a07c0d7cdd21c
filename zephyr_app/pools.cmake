# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# The pools of the models' workspaces and constants, from their metadata. Included by sources.cmake,
# which explains what is read and set.

if(NOT MICROTVM_WORKSPACE_SIZE)
  set(MICROTVM_WORKSPACE_SIZE 0)
endif()
if(NOT MICROTVM_WORKSPACE_SIZE MATCHES "^[0-9]+$")
  message(FATAL_ERROR "MICROTVM_WORKSPACE_SIZE is '${MICROTVM_WORKSPACE_SIZE}'; expected bytes")
endif()
if(NOT MICROTVM_WORKSPACE)
  set(MICROTVM_WORKSPACE shared)
endif()
if(NOT MICROTVM_WORKSPACE MATCHES "^(shared|own)$")
  message(FATAL_ERROR "MICROTVM_WORKSPACE is '${MICROTVM_WORKSPACE}'; expected shared or own")
endif()
set(MICROTVM_POOLS)
set(MICROTVM_CONSTANT_POOLS)
set(microtvm_memories)

# Sets microtvm_pool to the name of the pool that is microtvm_index in the list of that key.
macro(microtvm_read_pool folder key)
  set(microtvm_pool_at ${microtvm_at} memory ${key} ${microtvm_index})
  string(JSON microtvm_pool GET "${microtvm_json}" ${microtvm_pool_at} name)
  if(NOT "${microtvm_pool}" MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR
      "${folder}/metadata.json: pool '${microtvm_pool}'; expected letters, digits and _")
  endif()
endmacro()

# Sets microtvm_size to what the pool of microtvm_read_pool takes for the model `name`.
macro(microtvm_read_pool_size folder name)
  string(JSON microtvm_size GET "${microtvm_json}" ${microtvm_pool_at} size_bytes)
  if(NOT "${microtvm_size}" MATCHES "^[0-9]+$")
    message(FATAL_ERROR
      "${folder}/metadata.json: pool '${microtvm_pool}' of '${microtvm_size}'; expected bytes")
  endif()
  if(microtvm_pool STREQUAL "global_workspace" AND MICROTVM_WORKSPACE_SIZE GREATER 0)
    if(MICROTVM_WORKSPACE_SIZE LESS microtvm_size)
      message(FATAL_ERROR
        "MICROTVM_WORKSPACE_SIZE is ${MICROTVM_WORKSPACE_SIZE}; "
        "the model '${name}' needs at least ${microtvm_size}")
    endif()
    set(microtvm_size ${MICROTVM_WORKSPACE_SIZE})
  endif()
endmacro()

# Sets microtvm_memory to the name of the pool's memory, which has at least microtvm_size bytes.
macro(microtvm_add_memory)
  set(microtvm_memory ${microtvm_pool})
  if(MICROTVM_WORKSPACE STREQUAL "own")
    string(APPEND microtvm_memory _${microtvm_number})
  endif()
  if(NOT microtvm_memory IN_LIST microtvm_memories)
    list(APPEND microtvm_memories ${microtvm_memory})
    set(microtvm_pool_of_${microtvm_memory} ${microtvm_pool})
    set(microtvm_size_of_${microtvm_memory} 0)
  endif()
  if(microtvm_size GREATER microtvm_size_of_${microtvm_memory})
    set(microtvm_size_of_${microtvm_memory} ${microtvm_size})
  endif()
endmacro()

# Adds the pools of the module at microtvm_at. Sets microtvm_number and microtvm_model_pools to the
# last arguments of its line in models.inc.
macro(microtvm_add_pools folder name)
  string(JSON microtvm_count LENGTH "${microtvm_json}" ${microtvm_at} memory pools)
  if(microtvm_count EQUAL 0)
    message(FATAL_ERROR "${folder}/metadata.json: the model '${name}' lists no pools")
  endif()
  set(microtvm_model_pools "")
  set(microtvm_number 0)
  if(MICROTVM_WORKSPACE STREQUAL "own")
    list(LENGTH MICROTVM_MODEL_NAMES microtvm_number)
  endif()
  math(EXPR microtvm_last "${microtvm_count} - 1")
  foreach(microtvm_index RANGE ${microtvm_last})
    microtvm_read_pool("${folder}" pools)
    microtvm_read_pool_size("${folder}" "${name}")
    microtvm_add_memory()
    list(APPEND MICROTVM_POOLS ${microtvm_pool})
    string(APPEND microtvm_model_pools " MICROTVM_POOL(${microtvm_memory})")
  endforeach()
  list(REMOVE_DUPLICATES MICROTVM_POOLS)
endmacro()

# Adds the pools of constants of the module at microtvm_at.
macro(microtvm_add_constant_pools folder)
  string(JSON microtvm_count ERROR_VARIABLE microtvm_absent
    LENGTH "${microtvm_json}" ${microtvm_at} memory constant_pools)
  if(NOT microtvm_absent AND microtvm_count GREATER 0)
    math(EXPR microtvm_last "${microtvm_count} - 1")
    foreach(microtvm_index RANGE ${microtvm_last})
      microtvm_read_pool("${folder}" constant_pools)
      list(APPEND MICROTVM_CONSTANT_POOLS ${microtvm_pool})
    endforeach()
    list(REMOVE_DUPLICATES MICROTVM_CONSTANT_POOLS)
  endif()
endmacro()

# Writes pools.inc, a line for the memory of each pool.
function(microtvm_write_pools)
  set(text "")
  foreach(memory IN LISTS microtvm_memories)
    string(APPEND text
      "MICROTVM_MEMORY(${memory}, ${microtvm_pool_of_${memory}}, ${microtvm_size_of_${memory}})\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/microtvm_generated/pools.inc
    CONTENT "${text}" @ONLY)
endfunction()
