# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# Writes what the devicetree and Kconfig say of a board that has no folder here, in the form of a
# board.toml. Included after memory.cmake.
#
# Read:
#   MICROTVM_BOARD, MICROTVM_REGIONS, microtvm_region_<name>_path
# Written:
#   microtvm_board.toml in the build folder

# Appends a memory region to the variable microtvm_facts. Sizes are in bytes.
function(microtvm_add_region name kind address size)
  set(microtvm_facts "${microtvm_facts}
[[memory]]
name = \"${name}\"
kind = \"${kind}\"
address = ${address}
size = ${size}
" PARENT_SCOPE)
endfunction()

if(NOT CONFIG_CPU_CORTEX_M)
  message(FATAL_ERROR "The board '${MICROTVM_BOARD}' has no Arm Cortex-M core, and the firmware needs one")
endif()

set(microtvm_fpu none)
if(CONFIG_CPU_HAS_FPU_DOUBLE_PRECISION)
  set(microtvm_fpu double)
elseif(CONFIG_CPU_HAS_FPU)
  set(microtvm_fpu single)
endif()

# SysTick runs at the core's clock. Where another timer is the system's, the devicetree may know.
set(microtvm_clock 0)
if(CONFIG_CORTEX_M_SYSTICK)
  set(microtvm_clock ${CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC})
else()
  dt_prop(microtvm_value PATH "/cpus/cpu@0" PROPERTY "clock-frequency")
  if(microtvm_value)
    set(microtvm_clock ${microtvm_value})
  endif()
endif()

set(microtvm_rate 115200)
dt_chosen(microtvm_console PROPERTY "zephyr,console")
if(microtvm_console)
  dt_prop(microtvm_value PATH "${microtvm_console}" PROPERTY "current-speed")
  if(microtvm_value)
    set(microtvm_rate ${microtvm_value})
  endif()
endif()

set(microtvm_facts "schema = 1
name = \"${MICROTVM_BOARD}\"
description = \"${MICROTVM_BOARD}, as Zephyr ${KERNEL_VERSION_STRING} knows it\"
platforms = [\"zephyr\"]

[core]
cpu = \"${GCC_M_CPU}\"
fpu = \"${microtvm_fpu}\"
clock_hz = ${microtvm_clock}

[console]
baudrate = ${microtvm_rate}

[zephyr]
board = \"${MICROTVM_BOARD}\"
board_hwmv2 = \"${MICROTVM_BOARD}\"
")

# The linker's flash and main RAM are those of Kconfig.
if(CONFIG_XIP AND CONFIG_FLASH_SIZE)
  math(EXPR microtvm_size "${CONFIG_FLASH_SIZE} * 1024")
  microtvm_add_region(flash flash ${CONFIG_FLASH_BASE_ADDRESS} ${microtvm_size})
endif()
math(EXPR microtvm_size "${CONFIG_SRAM_SIZE} * 1024")
microtvm_add_region(ram ram ${CONFIG_SRAM_BASE_ADDRESS} ${microtvm_size})
foreach(microtvm_region IN LISTS MICROTVM_REGIONS)
  set(microtvm_path "${microtvm_region_${microtvm_region}_path}")
  if(microtvm_path)
    dt_reg_addr(microtvm_address PATH "${microtvm_path}")
    dt_reg_size(microtvm_size PATH "${microtvm_path}")
    microtvm_add_region(${microtvm_region} ram ${microtvm_address} ${microtvm_size})
  endif()
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/microtvm_board.toml CONTENT "${microtvm_facts}" @ONLY)
