# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

# Gives a target the C library's float functions where Zephyr's own library lacks them: its
# minimal libc has sqrtf and no other. The compiler's libm has them all and asks only for
# __errno(). It is an archive: an int8 model, which calls none, takes nothing from it.

function(microtvm_link_libm target)
  if(NOT CONFIG_MINIMAL_LIBC)
    return()
  endif()
  execute_process(
    COMMAND ${CMAKE_C_COMPILER} ${TOOLCHAIN_C_FLAGS} -print-file-name=libm.a
    OUTPUT_VARIABLE libm
    OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  if(NOT IS_ABSOLUTE "${libm}")
    message(WARNING "${CMAKE_C_COMPILER} has no libm.a: a float model may not link")
    return()
  endif()
  set(folder ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../src)
  target_sources(${target} PRIVATE ${folder}/libm_errno.c)
  target_compile_options(${target} PRIVATE
    "SHELL:-include ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../include/microtvm/libm.h")
  zephyr_link_libraries(${libm} -lgcc)
endfunction()
