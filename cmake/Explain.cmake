# SPDX-License-Identifier: Apache-2.0 OR MIT
pkg_check_modules(EXPLAIN REQUIRED IMPORTED_TARGET jansson)

# The static parts of the page, as arrays in the library.
function(hf_embed file name)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/generated/${file}.c")
    set(input "${CMAKE_CURRENT_SOURCE_DIR}/src/explain/page/${file}")
    add_custom_command(OUTPUT "${output}"
        COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DNAME=${name} -DHEADER=explain/page.h -DOUTPUT=${output}
                -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/EmbedFile.cmake
        DEPENDS "${input}" "${CMAKE_CURRENT_SOURCE_DIR}/cmake/EmbedFile.cmake" VERBATIM)
    set(embedded "${embedded};${output}" PARENT_SCOPE)
endfunction()
hf_embed(page.css hf_page_css)
hf_embed(page.js hf_page_js)
hf_embed(page.svg hf_page_svg)

add_library(handfast_explain STATIC ${explain_sources} ${embedded})
target_link_libraries(handfast_explain PRIVATE hf_common hf_warnings PUBLIC handfast PkgConfig::EXPLAIN)
