# SPDX-License-Identifier: Apache-2.0 OR MIT
# cmake -DSOURCE=… -DOUT=… -DINCLUDE=… -P: README, CHANGELOG, SECURITY and docs/*.md as they are installed, and what they show. The folders stand to each other
# as they do in the source, but for the headers, which are at INCLUDE as README sees it; of what is not installed only the
# words of a link stay.
cmake_minimum_required(VERSION 3.22)
file(REMOVE_RECURSE "${OUT}")
file(GLOB pages RELATIVE "${SOURCE}" "${SOURCE}/README.md" "${SOURCE}/CHANGELOG.md" "${SOURCE}/SECURITY.md" "${SOURCE}/docs/*.md")
foreach(page IN LISTS pages)
    file(READ "${SOURCE}/${page}" text)
    string(REPLACE "](include/handfast" "](${INCLUDE}/handfast" text "${text}")
    string(REPLACE "](../include/handfast" "](../${INCLUDE}/handfast" text "${text}")
    string(REGEX REPLACE "\\[([^]\n]*)\\]\\((\\.\\./)?(src|tests|scripts|cmake)(/[^)\n]*)?\\)" "\\1" text "${text}")
    file(WRITE "${OUT}/${page}" "${text}")
endforeach()
file(GLOB beside "${SOURCE}/docs/*.json" "${SOURCE}/docs/*.png")
file(COPY ${beside} DESTINATION "${OUT}/docs")
