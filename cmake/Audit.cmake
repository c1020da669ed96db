# SPDX-License-Identifier: Apache-2.0 OR MIT
add_library(handfast_audit STATIC ${audit_sources})
target_link_libraries(handfast_audit PRIVATE hf_common hf_warnings PUBLIC handfast_explain handfast)
