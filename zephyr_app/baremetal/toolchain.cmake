# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# The bare-metal GCC for Arm, from PATH or from -DMICROTVM_CROSS_COMPILE=/folder/arm-none-eabi-

if(NOT MICROTVM_CROSS_COMPILE)
  set(MICROTVM_CROSS_COMPILE arm-none-eabi-)
endif()

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER ${MICROTVM_CROSS_COMPILE}gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # linking needs link.ld
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MICROTVM_CROSS_COMPILE)
