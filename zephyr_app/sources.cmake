# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# What every port compiles. Included by each port's CMakeLists.txt.
#
# Read:
#   MICROTVM_PROGRAM         host_driven or standalone, or none: the models alone
#   MICROTVM_WORKSPACE_SIZE  bytes of the pool global_workspace; 0 or unset: as the models need
#   MICROTVM_WORKSPACE       shared (or unset): models that name the same pool share its memory; own:
#                            each model has memory of its own
#   MICROTVM_MODELS_DIR      folder of the unpacked module archives; unset: models/ beside this file
# Set:
#   MICROTVM_SOURCES         the portable sources and the models'
#   MICROTVM_INCLUDES        the include folders, the build folder's with models.inc and pools.inc among them
#   MICROTVM_OPTIONS         compiler options that they must be compiled with
#   MICROTVM_MODEL_NAMES     the module names found
#   MICROTVM_POOLS, MICROTVM_CONSTANT_POOLS   the names of their pools

cmake_minimum_required(VERSION 3.20)

set(microtvm_app ${CMAKE_CURRENT_LIST_DIR})
if(NOT MICROTVM_MODELS_DIR)
  set(MICROTVM_MODELS_DIR ${microtvm_app}/models)
endif()

set(MICROTVM_SOURCES
  ${microtvm_app}/src/crc32.c
  ${microtvm_app}/src/models.c)
if(MICROTVM_PROGRAM STREQUAL "host_driven")
  list(APPEND MICROTVM_SOURCES
    ${microtvm_app}/src/main_host_driven.c
    ${microtvm_app}/src/rpc_server.c
    ${microtvm_app}/src/rpc_requests.c
    ${microtvm_app}/src/execution.c
    ${microtvm_app}/src/fault_record.c
    ${microtvm_app}/src/framing.c)
elseif(MICROTVM_PROGRAM STREQUAL "standalone")
  list(APPEND MICROTVM_SOURCES
    ${microtvm_app}/src/main_standalone.c
    ${microtvm_app}/src/input_pattern.c
    ${microtvm_app}/src/text.c)
elseif(NOT MICROTVM_PROGRAM STREQUAL "none")
  message(FATAL_ERROR
    "MICROTVM_PROGRAM is '${MICROTVM_PROGRAM}'; expected host_driven, standalone or none")
endif()
set(MICROTVM_INCLUDES ${microtvm_app}/include ${CMAKE_CURRENT_BINARY_DIR}/microtvm_generated)
# A product that is rounded before it is added gives the same floats on every platform.
set(MICROTVM_OPTIONS -ffp-contract=off)
set(MICROTVM_MODEL_NAMES)
set(microtvm_model_lines)

include(${CMAKE_CURRENT_LIST_DIR}/pools.cmake)

# Adds one module of the archive whose metadata.json is in microtvm_json: its C files, its headers
# and its line of models.inc. A macro, since it adds to lists of the including file.
macro(microtvm_add_module folder name)
  if(NOT "${name}" MATCHES "^[a-z0-9_]+$")
    message(FATAL_ERROR
      "${folder}/metadata.json: module name '${name}'; expected letters a-z, digits and _")
  endif()
  if("${name}" IN_LIST MICROTVM_MODEL_NAMES)
    message(FATAL_ERROR "Two models are named '${name}'; compile one with another --module-name")
  endif()
  set(microtvm_at modules ${name} microtvm)
  string(JSON microtvm_layers LENGTH "${microtvm_json}" ${microtvm_at} layers)
  microtvm_add_pools("${folder}" "${name}")
  microtvm_add_constant_pools("${folder}")
  list(APPEND MICROTVM_MODEL_NAMES ${name})
  string(APPEND microtvm_model_lines
    "MICROTVM_MODEL(${name}, ${microtvm_layers}, ${microtvm_number},${microtvm_model_pools})\n")
  string(JSON microtvm_file_count LENGTH "${microtvm_json}" ${microtvm_at} files)
  if(microtvm_file_count EQUAL 0)
    message(FATAL_ERROR "${folder}/metadata.json: the model '${name}' lists no files")
  endif()
  math(EXPR microtvm_last_file "${microtvm_file_count} - 1")
  foreach(microtvm_index RANGE ${microtvm_last_file})
    string(JSON microtvm_file MEMBER "${microtvm_json}" ${microtvm_at} files ${microtvm_index})
    if(microtvm_file MATCHES "\\.c$" AND NOT microtvm_file MATCHES "\\.\\.")
      list(APPEND MICROTVM_SOURCES ${folder}/${microtvm_file})
    endif()
  endforeach()
  list(APPEND MICROTVM_INCLUDES ${folder}/codegen/host/include)
endmacro()

file(GLOB microtvm_metadata_files CONFIGURE_DEPENDS ${MICROTVM_MODELS_DIR}/*/metadata.json)
if(NOT microtvm_metadata_files)
  message(FATAL_ERROR "No model: expected ${MICROTVM_MODELS_DIR}/<name>/metadata.json")
endif()
foreach(microtvm_metadata_file IN LISTS microtvm_metadata_files)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${microtvm_metadata_file})
  file(READ ${microtvm_metadata_file} microtvm_json)
  get_filename_component(microtvm_folder ${microtvm_metadata_file} DIRECTORY)
  string(JSON microtvm_module_count LENGTH "${microtvm_json}" modules)
  math(EXPR microtvm_last_module "${microtvm_module_count} - 1")
  foreach(microtvm_module RANGE ${microtvm_last_module})
    string(JSON microtvm_name MEMBER "${microtvm_json}" modules ${microtvm_module})
    microtvm_add_module("${microtvm_folder}" "${microtvm_name}")
  endforeach()
endforeach()

file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/microtvm_generated/models.inc
  CONTENT "${microtvm_model_lines}" @ONLY)
microtvm_write_pools()
