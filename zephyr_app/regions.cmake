# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# In which memory region of the board each pool lies. Included by each port after sources.cmake.
#
# Read:
#   MICROTVM_POOLS, MICROTVM_CONSTANT_POOLS   names of the models' pools
#   MICROTVM_POOL_REGIONS                     POOL=REGION, separated by commas, for pools not named
#                                             as their region
# Set by microtvm_read_regions or by the port:
#   MICROTVM_REGIONS                          names of the regions
#   microtvm_region_<name>_<key>              kind (flash or ram), address, size, devicetree_label

set(microtvm_templates ${CMAKE_CURRENT_LIST_DIR})

# Reads the [[memory]] tables of a board.toml, whose form boards.py checks: a key a line, the name
# first. Address and size become decimal numbers.
macro(microtvm_read_regions file)
  set(MICROTVM_REGIONS)
  set(microtvm_is_region NO)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(STRINGS "${file}" microtvm_lines REGEX "^(\\[|[a-z_]+ = )")
  foreach(microtvm_line IN LISTS microtvm_lines)
    if(microtvm_line MATCHES "^\\[")
      string(COMPARE EQUAL "${microtvm_line}" "[[memory]]" microtvm_is_region)
    elseif(microtvm_is_region AND microtvm_line MATCHES "^([a-z_]+) = \"?([A-Za-z0-9_]+)")
      set(microtvm_key ${CMAKE_MATCH_1})
      set(microtvm_value ${CMAKE_MATCH_2})
      if(microtvm_key STREQUAL "name")
        set(microtvm_region ${microtvm_value})
        list(APPEND MICROTVM_REGIONS ${microtvm_region})
      elseif(microtvm_key MATCHES "^(address|size)$")
        string(REPLACE "_" "" microtvm_value ${microtvm_value})
        math(EXPR microtvm_value ${microtvm_value})
      endif()
      set(microtvm_region_${microtvm_region}_${microtvm_key} ${microtvm_value})
    endif()
  endforeach()
endmacro()

# Sets result to the first region of a kind: the one that holds the program, or its variables.
function(microtvm_main_region kind result)
  foreach(region IN LISTS MICROTVM_REGIONS)
    if(microtvm_region_${region}_kind STREQUAL kind)
      set(${result} ${region} PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# Sets result to the region of a pool: the one it is mapped to, else the one of its name. The pools
# that a model has when none was named go to the main RAM.
function(microtvm_region_of_pool pool result)
  set(region ${pool})
  if(pool MATCHES "^(global_workspace|io)$" AND NOT pool IN_LIST MICROTVM_REGIONS)
    microtvm_main_region(ram region)
  endif()
  foreach(pair IN LISTS MICROTVM_POOL_REGIONS)
    if(pair MATCHES "^${pool}=(.*)$")
      set(region ${CMAKE_MATCH_1})
    endif()
  endforeach()
  if(NOT region IN_LIST MICROTVM_REGIONS)
    list(JOIN MICROTVM_REGIONS ", " known)
    message(FATAL_ERROR
      "The board has no memory region '${region}' for the pool '${pool}'; expected one of ${known}; "
      "map it with pool_regions=${pool}=REGION")
  endif()
  set(${result} ${region} PARENT_SCOPE)
endfunction()

# Sets microtvm_pools_in_<region> and microtvm_constants_in_<region> to the input sections that
# belong into each region, in a linker script's words.
macro(microtvm_place_pools)
  string(REPLACE "," ";" MICROTVM_POOL_REGIONS "${MICROTVM_POOL_REGIONS}")
  foreach(microtvm_region IN LISTS MICROTVM_REGIONS)
    set(microtvm_pools_in_${microtvm_region} "")
    set(microtvm_constants_in_${microtvm_region} "")
  endforeach()
  foreach(microtvm_pool IN LISTS MICROTVM_POOLS)
    microtvm_region_of_pool(${microtvm_pool} microtvm_region)
    if(NOT microtvm_region_${microtvm_region}_kind STREQUAL "ram")
      message(FATAL_ERROR
        "The pool '${microtvm_pool}' is mapped to '${microtvm_region}', which is no RAM")
    endif()
    string(APPEND microtvm_pools_in_${microtvm_region} "*(.microtvm.pools.${microtvm_pool})\n")
  endforeach()
  foreach(microtvm_pool IN LISTS MICROTVM_CONSTANT_POOLS)
    microtvm_region_of_pool(${microtvm_pool} microtvm_region)
    string(APPEND microtvm_constants_in_${microtvm_region}
      "*(.microtvm.constants.${microtvm_pool})\n")
  endforeach()
endmacro()

# Appends to the variable named result the output sections of a region.
# memory, load_memory: the linker's names of the region, and of the one that constants are stored in.
function(microtvm_append_sections region memory load_memory result)
  set(text "${${result}}")
  foreach(kind pools constants)
    set(MICROTVM_INPUTS "${microtvm_${kind}_in_${region}}")
    if(MICROTVM_INPUTS)
      set(MICROTVM_REGION ${region})
      set(MICROTVM_MEMORY ${memory})
      set(MICROTVM_LOAD_MEMORY ${load_memory})
      file(READ ${microtvm_templates}/${kind}.ld.in template)
      string(CONFIGURE "${template}" section @ONLY)
      string(APPEND text "${section}")
    endif()
  endforeach()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Writes constants.inc: a line for each of these regions, whose constants start-up copies.
function(microtvm_write_copied regions)
  set(text "")
  foreach(region IN LISTS regions)
    string(APPEND text "MICROTVM_COPIED(${region})\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/microtvm_generated/constants.inc
    CONTENT "${text}" @ONLY)
endfunction()
