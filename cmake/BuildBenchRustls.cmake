# SPDX-License-Identifier: Apache-2.0 OR MIT
# cmake -DCARGO= -DSOURCE= -DTARGET= -DOUTPUT= -P: the peer on rustls, from crates that are here already (make deps-peers
# and make bench fetch them): a build fetches nothing. What cannot be built is merely missing.
execute_process(
    COMMAND ${CARGO} build --release --locked --offline --quiet --target-dir ${TARGET} --manifest-path ${SOURCE}/Cargo.toml
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
if(failed)
    file(REMOVE "${OUTPUT}")
    message(STATUS "no peer on rustls: its crates are not here, or this cargo is too old")
else()
    file(COPY_FILE "${TARGET}/release/libhf_bench_rustls.so" "${OUTPUT}" ONLY_IF_DIFFERENT)
    file(TOUCH "${OUTPUT}")
endif()
