# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# The linker's part of the board's memory: memory.ld for the first region of flash and of RAM, whose
# sizes it is given, and regions.ld for the further ones and for what the models have in any.
#
# Set:
#   microtvm_linker_scripts, microtvm_linker_options
#   MICROTVM_SOURCES   with constants.c, if start-up has constants to copy

include(../regions.cmake)

# A generated project has its board beside it, this repository one folder further up.
file(GLOB microtvm_board_file ../boards/${BOARD}/board.toml ../../boards/${BOARD}/board.toml)
microtvm_read_regions("${microtvm_board_file}")
microtvm_place_pools()
microtvm_main_region(flash microtvm_main_flash)
microtvm_main_region(ram microtvm_main_ram)

set(MICROTVM_FURTHER_MEMORY "")
set(MICROTVM_SECTIONS "")
set(microtvm_copied)
foreach(microtvm_region IN LISTS MICROTVM_REGIONS)
  set(microtvm_kind ${microtvm_region_${microtvm_region}_kind})
  math(EXPR microtvm_address ${microtvm_region_${microtvm_region}_address}
    OUTPUT_FORMAT HEXADECIMAL)
  set(microtvm_size ${microtvm_region_${microtvm_region}_size})
  set(microtvm_memory ${microtvm_region})
  if(microtvm_region STREQUAL microtvm_main_flash)
    set(microtvm_memory FLASH)
  elseif(microtvm_region STREQUAL microtvm_main_ram)
    set(microtvm_memory RAM)
  else()
    string(APPEND MICROTVM_FURTHER_MEMORY
      "\t${microtvm_region} (rw) : ORIGIN = ${microtvm_address}, LENGTH = ${microtvm_size}\n")
  endif()
  set(microtvm_load_memory ${microtvm_memory})
  if(microtvm_kind STREQUAL "ram")
    set(microtvm_load_memory FLASH)
    if(microtvm_constants_in_${microtvm_region})
      list(APPEND microtvm_copied ${microtvm_region})
    endif()
  endif()
  microtvm_append_sections(
    ${microtvm_region} ${microtvm_memory} ${microtvm_load_memory} MICROTVM_SECTIONS)
endforeach()
configure_file(regions.ld.in microtvm_generated/regions.ld @ONLY)
if(microtvm_copied)
  microtvm_write_copied("${microtvm_copied}")
  list(APPEND MICROTVM_SOURCES ${CMAKE_CURRENT_LIST_DIR}/../src/constants.c)
endif()

set(microtvm_linker_scripts
  ${CMAKE_CURRENT_LIST_DIR}/memory.ld
  ${CMAKE_CURRENT_BINARY_DIR}/microtvm_generated/regions.ld
  ${CMAKE_CURRENT_LIST_DIR}/link.ld)
list(TRANSFORM microtvm_linker_scripts PREPEND -T OUTPUT_VARIABLE microtvm_linker_options)
list(APPEND microtvm_linker_options
  -Wl,--defsym=__flash_start=${microtvm_region_${microtvm_main_flash}_address}
  -Wl,--defsym=__flash_size=${microtvm_region_${microtvm_main_flash}_size}
  -Wl,--defsym=__ram_start=${microtvm_region_${microtvm_main_ram}_address}
  -Wl,--defsym=__ram_size=${microtvm_region_${microtvm_main_ram}_size})
