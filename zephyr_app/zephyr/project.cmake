# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# Turns a generated project's project.json into Kconfig settings, so that a plain `west build`
# in its folder builds what was asked for. Included before find_package(Zephyr), after board.cmake.
#
# Set:
#   EXTRA_CONF_FILE                with those settings; -DCONFIG_... on the command line still wins
#   MICROTVM_COMPILE_DEFINITIONS   with the option compile_definitions

set(MICROTVM_COMPILE_DEFINITIONS "" CACHE STRING "NAME or NAME=VALUE, separated by semicolons")

# The value of one of the project's options, empty if it was not given.
function(microtvm_project_option name result)
  string(JSON value ERROR_VARIABLE absent GET "${microtvm_json}" options ${name})
  if(absent)
    set(value "")
  endif()
  set(${result} "${value}" PARENT_SCOPE)
endfunction()

if(EXISTS ${microtvm_app}/project.json)
  string(JSON microtvm_program GET "${microtvm_json}" project_type)
  list(APPEND EXTRA_CONF_FILE ${microtvm_app}/${microtvm_program}.conf)

  set(microtvm_settings "")
  microtvm_project_option(main_stack_size microtvm_value)
  if(microtvm_value)
    string(APPEND microtvm_settings "CONFIG_MAIN_STACK_SIZE=${microtvm_value}\n")
  endif()
  microtvm_project_option(layer_timeout_ms microtvm_value)
  if(microtvm_value)
    string(APPEND microtvm_settings "CONFIG_MICROTVM_LAYER_TIMEOUT_MS=${microtvm_value}\n")
  endif()
  microtvm_project_option(workspace_size_bytes microtvm_value)
  if(microtvm_value)
    string(APPEND microtvm_settings "CONFIG_MICROTVM_WORKSPACE_SIZE=${microtvm_value}\n")
  endif()
  microtvm_project_option(workspace microtvm_value)
  if(microtvm_value STREQUAL "own")
    string(APPEND microtvm_settings "CONFIG_MICROTVM_WORKSPACE_OWN=y\n")
  endif()
  microtvm_project_option(pool_regions microtvm_value)
  if(microtvm_value)
    string(APPEND microtvm_settings "CONFIG_MICROTVM_POOL_REGIONS=\"${microtvm_value}\"\n")
  endif()
  microtvm_project_option(warning_as_error microtvm_value)
  if(microtvm_value)
    string(APPEND microtvm_settings "CONFIG_COMPILER_WARNINGS_AS_ERRORS=y\n")
  endif()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/microtvm_project.conf
    CONTENT "${microtvm_settings}" @ONLY)
  list(APPEND EXTRA_CONF_FILE ${CMAKE_CURRENT_BINARY_DIR}/microtvm_project.conf)

  microtvm_project_option(compile_definitions microtvm_value)
  separate_arguments(microtvm_value UNIX_COMMAND "${microtvm_value}")
  list(TRANSFORM microtvm_value REPLACE "^-D" "")
  list(APPEND MICROTVM_COMPILE_DEFINITIONS ${microtvm_value})
endif()
