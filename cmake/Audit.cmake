# SPDX-License-Identifier: Apache-2.0 OR MIT
# The style that an audit's page has beside the trace's, as an array.
set(audit_css "${CMAKE_CURRENT_BINARY_DIR}/generated/audit.css.c")
add_custom_command(OUTPUT "${audit_css}"
    COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_CURRENT_SOURCE_DIR}/src/audit/page.css -DNAME=hf_audit_css
            -DHEADER=audit/report_page.h -DOUTPUT=${audit_css} -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/EmbedFile.cmake
    DEPENDS src/audit/page.css cmake/EmbedFile.cmake VERBATIM)

add_library(handfast_audit STATIC ${audit_sources} ${audit_css})
target_link_libraries(handfast_audit PRIVATE hf_common hf_warnings PUBLIC handfast_explain handfast)
