# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# Turns a generated project's project.json into Kconfig settings, so that a plain `west build`
# in its folder builds what was asked for. Included before find_package(Zephyr), after board.cmake.
#
# Set:
#   EXTRA_CONF_FILE                with those settings; -DCONFIG_... on the command line still wins
#   MICROTVM_PROJECT_DEFINITIONS   the option compile_definitions, as NAME or NAME=VALUE

set(MICROTVM_PROJECT_DEFINITIONS)

if(EXISTS ${microtvm_app}/project.json)
  string(JSON microtvm_program GET "${microtvm_json}" project_type)
  list(APPEND EXTRA_CONF_FILE ${microtvm_app}/${microtvm_program}.conf)

  set(microtvm_settings "")
  foreach(pair
      main_stack_size=CONFIG_MAIN_STACK_SIZE
      workspace_size_bytes=CONFIG_MICROTVM_WORKSPACE_SIZE)
    string(REPLACE "=" ";" pair ${pair})
    list(POP_FRONT pair microtvm_option microtvm_symbol)
    string(JSON microtvm_value ERROR_VARIABLE microtvm_absent
      GET "${microtvm_json}" options ${microtvm_option})
    if(NOT microtvm_absent AND microtvm_value)
      string(APPEND microtvm_settings "${microtvm_symbol}=${microtvm_value}\n")
    endif()
  endforeach()

  string(JSON microtvm_value ERROR_VARIABLE microtvm_absent
    GET "${microtvm_json}" options warning_as_error)
  if(NOT microtvm_absent AND microtvm_value)
    string(APPEND microtvm_settings "CONFIG_COMPILER_WARNINGS_AS_ERRORS=y\n")
  endif()

  string(JSON microtvm_value ERROR_VARIABLE microtvm_absent
    GET "${microtvm_json}" options compile_definitions)
  if(NOT microtvm_absent AND microtvm_value)
    separate_arguments(MICROTVM_PROJECT_DEFINITIONS UNIX_COMMAND "${microtvm_value}")
    list(TRANSFORM MICROTVM_PROJECT_DEFINITIONS REPLACE "^-D" "")
  endif()

  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/microtvm_project.conf
    CONTENT "${microtvm_settings}" @ONLY)
  list(APPEND EXTRA_CONF_FILE ${CMAKE_CURRENT_BINARY_DIR}/microtvm_project.conf)
endif()
