# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# The linker's part of the models' pools. Included after sources.cmake. Zephyr's linker script has
# a memory for each devicetree node with a zephyr,memory-region; into those, and into its own
# sections for flash and the main RAM, it takes the files that are written here.
#
# Read:
#   MICROTVM_BOARD_FOLDER   the board's folder, whose board.toml names the regions; without one they
#                           are ram, flash, and the nodes' zephyr,memory-region in small letters,
#                           or their labels
# Set:
#   MICROTVM_SOURCES        with what copies constants before main(), if there are constants to copy,
#                           and what the memories need before that

include(${CMAKE_CURRENT_LIST_DIR}/../regions.cmake)

# Sets microtvm_region_<region>_memory to the linker's name of the region: FLASH, RAM or that of the
# devicetree node, whose path it is given.
macro(microtvm_find_memory region path)
  dt_chosen(microtvm_sram PROPERTY "zephyr,sram")
  dt_prop(microtvm_memory PATH "${path}" PROPERTY "zephyr,memory-region")
  dt_node_has_status(microtvm_is_okay PATH "${path}" STATUS okay)
  if("${path}" STREQUAL "${microtvm_sram}")
    set(microtvm_region_${region}_memory RAM)
  elseif(microtvm_memory AND microtvm_is_okay)
    string(MAKE_C_IDENTIFIER "${microtvm_memory}" microtvm_region_${region}_memory)
  endif()
endmacro()

# Adds the region of a devicetree node, by a name of its own.
macro(microtvm_add_node region path)
  list(APPEND MICROTVM_REGIONS ${region})
  set(microtvm_region_${region}_kind ram)
  set(microtvm_region_${region}_path "${path}")
  microtvm_find_memory(${region} "${path}")
endmacro()

# The regions of a board that has no folder here.
macro(microtvm_read_devicetree)
  set(MICROTVM_REGIONS flash ram)
  set(microtvm_region_flash_kind flash)
  set(microtvm_region_ram_kind ram)
  set(microtvm_region_ram_memory RAM)
  dt_comp_path(microtvm_paths COMPATIBLE "zephyr,memory-region")
  foreach(microtvm_path IN LISTS microtvm_paths)
    dt_prop(microtvm_region PATH "${microtvm_path}" PROPERTY "zephyr,memory-region")
    string(TOLOWER "${microtvm_region}" microtvm_region)
    string(MAKE_C_IDENTIFIER "${microtvm_region}" microtvm_region)
    microtvm_add_node(${microtvm_region} "${microtvm_path}")
  endforeach()
  # Whatever is asked for may be a node's label as well.
  string(REGEX MATCHALL "[^=,]+" microtvm_names "${CONFIG_MICROTVM_POOL_REGIONS}")
  foreach(microtvm_name IN LISTS microtvm_names MICROTVM_POOLS MICROTVM_CONSTANT_POOLS)
    dt_nodelabel(microtvm_path NODELABEL "${microtvm_name}")
    if(microtvm_path AND NOT microtvm_name IN_LIST MICROTVM_REGIONS)
      microtvm_add_node(${microtvm_name} "${microtvm_path}")
    endif()
  endforeach()
endmacro()

# Warns where the devicetree has another size than the board.toml, as after an overlay or in another
# version of Zephyr: the linker goes by the first, and the table of memories by the second.
function(microtvm_compare_size region path)
  dt_reg_size(size PATH "${path}")
  if(NOT size MATCHES "^[0-9]") # a node without a size of its own
    return()
  endif()
  math(EXPR size "${size}")
  if(microtvm_region_${region}_kind STREQUAL "ram" AND NOT size EQUAL microtvm_region_${region}_size)
    message(WARNING
      "The memory region '${region}' has ${size} bytes in the devicetree and "
      "${microtvm_region_${region}_size} in the board's board.toml")
  endif()
endfunction()

# Hands text to Zephyr's linker script, at one of the places of zephyr_linker_sources().
function(microtvm_link_in place text)
  if(text)
    set(file ${CMAKE_CURRENT_BINARY_DIR}/microtvm_generated/${place}.ld)
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
    zephyr_linker_sources(${place} ${file})
  endif()
endfunction()

if(MICROTVM_BOARD_FOLDER)
  microtvm_read_regions(${MICROTVM_BOARD_FOLDER}/board.toml)
  foreach(microtvm_region IN LISTS MICROTVM_REGIONS)
    dt_nodelabel(microtvm_path NODELABEL "${microtvm_region_${microtvm_region}_devicetree_label}")
    if(microtvm_path)
      microtvm_find_memory(${microtvm_region} "${microtvm_path}")
      microtvm_compare_size(${microtvm_region} "${microtvm_path}")
    endif()
  endforeach()
else()
  microtvm_read_devicetree()
endif()
set(MICROTVM_POOL_REGIONS "${CONFIG_MICROTVM_POOL_REGIONS}")
microtvm_place_pools()
microtvm_main_region(flash microtvm_main_flash)

set(microtvm_in_rodata "")
set(microtvm_in_rwdata "")
set(microtvm_in_noinit "")
set(microtvm_in_sections "")
set(microtvm_copied)
foreach(microtvm_region IN LISTS MICROTVM_REGIONS)
  set(microtvm_constants "${microtvm_constants_in_${microtvm_region}}")
  set(microtvm_pools "${microtvm_pools_in_${microtvm_region}}")
  set(microtvm_memory "${microtvm_region_${microtvm_region}_memory}")
  if(microtvm_region STREQUAL microtvm_main_flash)
    string(APPEND microtvm_in_rodata "${microtvm_constants}")
  elseif(microtvm_memory STREQUAL "RAM")
    string(APPEND microtvm_in_rwdata "${microtvm_constants}")
    string(APPEND microtvm_in_noinit "${microtvm_pools}")
  elseif(microtvm_constants OR microtvm_pools)
    if(NOT microtvm_memory)
      message(FATAL_ERROR
        "The devicetree node of the memory region '${microtvm_region}' is neither the chosen "
        "zephyr,sram nor one that is okay and has a zephyr,memory-region: change it in an overlay")
    endif()
    set(microtvm_load_memory ${microtvm_memory})
    if(microtvm_region_${microtvm_region}_kind STREQUAL "ram")
      set(microtvm_load_memory ROMABLE_REGION)
    endif()
    microtvm_append_sections(
      ${microtvm_region} ${microtvm_memory} ${microtvm_load_memory} microtvm_in_sections)
    if(microtvm_constants AND microtvm_region_${microtvm_region}_kind STREQUAL "ram")
      list(APPEND microtvm_copied ${microtvm_region})
    endif()
  endif()
endforeach()
microtvm_link_in(RODATA "${microtvm_in_rodata}")
microtvm_link_in(RWDATA "${microtvm_in_rwdata}")
microtvm_link_in(NOINIT "${microtvm_in_noinit}")
microtvm_link_in(SECTIONS "${microtvm_in_sections}")
if(microtvm_copied)
  microtvm_write_copied("${microtvm_copied}")
  list(APPEND MICROTVM_SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/../src/constants.c
    ${CMAKE_CURRENT_LIST_DIR}/../src/constants_zephyr.c)
endif()
if(CONFIG_SOC_SERIES_STM32H7X)
  list(APPEND MICROTVM_SOURCES ${CMAKE_CURRENT_LIST_DIR}/../src/memory_stm32h7.c)
endif()
