# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# Finds the board's folder and adds what it has for Zephyr. Included before find_package(Zephyr).
#
# Set:
#   MICROTVM_BOARD           the folder's name, or BOARD if no folder is about that board
#   MICROTVM_BOARD_FOLDER    the folder, or nothing
#   BOARD                    the project's board, if none is given
#   BOARD_ROOT, SOC_ROOT     with the folder's own definitions, if Zephyr's name of the board is theirs:
#                            those in zephyr/ up to 3.6, in zephyr_hwmv2/ from 3.7 on
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

# Sets result to a name that a board.toml has: board up to Zephyr 3.6, board_hwmv2 from 3.7 on.
function(microtvm_zephyr_name folder key result)
  file(STRINGS ${folder}/board.toml line REGEX "^${key} = ")
  string(REGEX REPLACE "^[^\"]*\"([^\"]*)\".*" "\\1" name "${line}")
  set(${result} "${name}" PARENT_SCOPE)
endfunction()

# Sets result to the folder of the board that Zephyr or its folder calls by this name, or to nothing.
function(microtvm_find_board name result)
  set(${result} "" PARENT_SCOPE)
  file(GLOB files ${microtvm_app}/boards/*/board.toml ${microtvm_app}/../boards/*/board.toml)
  foreach(file IN LISTS files)
    get_filename_component(folder ${file} DIRECTORY)
    get_filename_component(own_name ${folder} NAME)
    microtvm_zephyr_name(${folder} board older)
    microtvm_zephyr_name(${folder} board_hwmv2 newer)
    if(name IN_LIST own_name OR name IN_LIST older OR name IN_LIST newer)
      set(${result} ${folder} PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# Zephyr takes BOARD from the command line, the last run or the environment; only then from here.
set(MICROTVM_BOARD "")
foreach(candidate "${BOARD}" "${CACHED_BOARD}" "$ENV{BOARD}" "${microtvm_project_board}")
  if(MICROTVM_BOARD STREQUAL "")
    set(MICROTVM_BOARD "${candidate}")
  endif()
endforeach()
string(REGEX REPLACE "@.*" "" microtvm_name "${MICROTVM_BOARD}")
microtvm_find_board("${microtvm_name}" MICROTVM_BOARD_FOLDER)

# From 3.7 on Zephyr's second hardware model (HWMv2) counts, which names and defines boards otherwise.
set(microtvm_key board)
set(microtvm_root zephyr)
if(EXISTS "$ENV{ZEPHYR_BASE}/VERSION")
  file(STRINGS "$ENV{ZEPHYR_BASE}/VERSION" microtvm_version REGEX "^VERSION_(MAJOR|MINOR) *=")
  string(REGEX REPLACE "[^0-9;]" "" microtvm_version "${microtvm_version}")
  string(REPLACE ";" "." microtvm_version "${microtvm_version}")
  if(microtvm_version VERSION_GREATER_EQUAL 3.7)
    set(microtvm_key board_hwmv2)
    set(microtvm_root zephyr_hwmv2)
  endif()
endif()

# The project's board is called as its folder is; Zephyr may call it otherwise. One that has no
# folder is called as Zephyr calls it.
if(MICROTVM_BOARD STREQUAL microtvm_project_board AND NOT "${BOARD}$ENV{BOARD}")
  if(MICROTVM_BOARD_FOLDER)
    microtvm_zephyr_name(${MICROTVM_BOARD_FOLDER} ${microtvm_key} BOARD)
  else()
    set(BOARD ${microtvm_project_board})
  endif()
  set(MICROTVM_BOARD "${BOARD}")
endif()

if(MICROTVM_BOARD_FOLDER)
  file(GLOB microtvm_definition ${MICROTVM_BOARD_FOLDER}/${microtvm_root}/boards/*/${MICROTVM_BOARD}
    ${MICROTVM_BOARD_FOLDER}/${microtvm_root}/boards/${MICROTVM_BOARD})
  if(microtvm_definition)
    list(APPEND BOARD_ROOT ${MICROTVM_BOARD_FOLDER}/${microtvm_root})
    list(APPEND SOC_ROOT ${MICROTVM_BOARD_FOLDER}/${microtvm_root})
  endif()
  if(EXISTS ${MICROTVM_BOARD_FOLDER}/app.overlay)
    set(EXTRA_DTC_OVERLAY_FILE ${MICROTVM_BOARD_FOLDER}/app.overlay)
  endif()
  if(EXISTS ${MICROTVM_BOARD_FOLDER}/app.conf)
    set(EXTRA_CONF_FILE ${MICROTVM_BOARD_FOLDER}/app.conf)
  endif()
  get_filename_component(MICROTVM_BOARD ${MICROTVM_BOARD_FOLDER} NAME)
endif()
