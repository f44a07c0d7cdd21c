# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# Finds the board's folder and adds what it has for Zephyr. Included before find_package(Zephyr).
#
# Set:
#   MICROTVM_BOARD           the folder's name, or BOARD if no folder is about that board
#   BOARD                    the project's board, if none is given
#   BOARD_ROOT, SOC_ROOT     with the folder's own definitions, if Zephyr's name of the board is theirs
#   EXTRA_DTC_OVERLAY_FILE   with the folder's app.overlay
#   EXTRA_CONF_FILE          with the folder's app.conf

set(microtvm_app ${CMAKE_CURRENT_LIST_DIR}/..)

# A generated project says for which board it is.
set(microtvm_project_board "")
if(EXISTS ${microtvm_app}/project.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${microtvm_app}/project.json)
  file(READ ${microtvm_app}/project.json microtvm_json)
  string(JSON microtvm_project_board GET "${microtvm_json}" board)
endif()

# Zephyr takes BOARD from the command line, the last run or the environment; only then from here.
set(MICROTVM_BOARD "")
foreach(candidate "${BOARD}" "${CACHED_BOARD}" "$ENV{BOARD}")
  if(MICROTVM_BOARD STREQUAL "")
    set(MICROTVM_BOARD "${candidate}")
  endif()
endforeach()
if(MICROTVM_BOARD STREQUAL "")
  set(BOARD "${microtvm_project_board}")
  set(MICROTVM_BOARD "${microtvm_project_board}")
endif()

# mps2/an386 is in mps2_an386, and nrf5340dk/nrf5340/cpuapp may be in nrf5340dk.
string(REGEX REPLACE "@.*" "" microtvm_name "${MICROTVM_BOARD}")
string(REPLACE "/" ";" microtvm_parts "${microtvm_name}")
set(microtvm_folder "")
while(microtvm_parts AND NOT microtvm_folder)
  list(JOIN microtvm_parts "_" microtvm_name)
  foreach(root ${microtvm_app}/boards ${microtvm_app}/../boards)
    if(NOT microtvm_folder AND EXISTS ${root}/${microtvm_name}/board.toml)
      get_filename_component(microtvm_folder ${root}/${microtvm_name} ABSOLUTE)
    endif()
  endforeach()
  list(POP_BACK microtvm_parts)
endwhile()

if(microtvm_folder)
  if(IS_DIRECTORY ${microtvm_folder}/zephyr/boards/arm/${MICROTVM_BOARD})
    list(APPEND BOARD_ROOT ${microtvm_folder}/zephyr)
    list(APPEND SOC_ROOT ${microtvm_folder}/zephyr)
  endif()
  if(EXISTS ${microtvm_folder}/app.overlay)
    set(EXTRA_DTC_OVERLAY_FILE ${microtvm_folder}/app.overlay)
  endif()
  if(EXISTS ${microtvm_folder}/app.conf)
    set(EXTRA_CONF_FILE ${microtvm_folder}/app.conf)
  endif()
  set(MICROTVM_BOARD ${microtvm_name})
endif()
